// Icons of the screens of groups: loaded with them.
import { icon } from './icons.tsx';

export const NewGroupIcon = icon(
  <>
    <circle cx="8.5" cy="8.5" r="3.2" />
    <path d="M2.3 19c.4-3.3 2.8-5 6.2-5 1.6 0 3 .4 4 1.1M14.4 5.6a3.2 3.2 0 0 1 .6 5.5M18.5 13.5v6m-3-3h6" />
  </>,
);
export const MutedIcon = icon(
  <path d="M17.5 17h-13c1.2-1.4 2-2.6 2-6 0-.8.1-1.5.4-2.2M9.3 6A5.5 5.5 0 0 1 17.5 11c0 1 .1 1.8.2 2.5M10 19.5a2.1 2.1 0 0 0 4 0M4 4l16 16" />,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </>,
);
