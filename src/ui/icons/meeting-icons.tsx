// Icons of the screens on which people meet: loaded with them.
import { icon } from './icons.tsx';

export const RenewIcon = icon(<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9m0-4.5V9H15" />);
export const KeyboardIcon = icon(
  <>
    <rect x="3" y="6.5" width="18" height="11.5" rx="2.5" />
    <path d="M7 10.5h.1m3.3 0h.1m3.3 0h.1m3.2 0h.1M8.5 14.5h7" />
  </>,
);
export const QrIcon = icon(
  <>
    <rect x="4" y="4" width="6.5" height="6.5" rx="1.25" />
    <rect x="13.5" y="4" width="6.5" height="6.5" rx="1.25" />
    <rect x="4" y="13.5" width="6.5" height="6.5" rx="1.25" />
    <path d="M13.5 13.5h2.75v2.75m3.75-2.75v.1m-6.5 6.4h.1m3.15-3.75H20V20h-3" />
  </>,
);
export const CameraIcon = icon(
  <>
    <path d="M5.5 7.5h2.3l1.4-2.2h5.6l1.4 2.2h2.3a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2V9.5a2 2 0 0 1 2-2Z" />
    <circle cx="12" cy="13" r="3.4" />
  </>,
);
export const LightIcon = icon(<path d="M13 3.5 6 13.5h5l-1 7 7.5-10.5h-5.2z" />);
export const BluetoothIcon = icon(<path d="m6.5 7.5 10.5 9-5.2 4.5V3L17 7.5l-10.5 9" />);
export const NumberIcon = icon(<path d="M9.5 4.5 7.5 19.5m9-15-2 15M4.5 9.5h15.5m-16 5.5h15.5" />);
