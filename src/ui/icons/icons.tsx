// Kith's own line icons on a 24-unit grid, 1.75 units thick. Decorative: names are given by what they stand in.
import type { ComponentChildren } from 'preact';

export interface IconProps {
  readonly size?: number;
}

/** Decorative, as all of them. */
export function icon(children: ComponentChildren, filled = false) {
  return function Icon({ size = 22 }: IconProps) {
    return (
      <svg
        viewBox="0 0 24 24"
        width={size}
        height={size}
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        stroke-width="1.75"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  };
}

export const BackIcon = icon(<path class="mirrored" d="M14.5 5.5 8 12l6.5 6.5" />);
export const CloseIcon = icon(<path d="m6.5 6.5 11 11m0-11-11 11" />);
export const AddPersonIcon = icon(
  <>
    <circle cx="9.5" cy="8" r="3.5" />
    <path d="M3 19.5c.4-3.6 3-5.5 6.5-5.5 1.3 0 2.5.3 3.5.8M18 13.5v6m-3-3h6" />
  </>,
);
export const SettingsIcon = icon(
  <>
    <path d="M4 7.5h8.5M19 7.5h1M4 16.5h1M11.5 16.5H20" />
    <circle cx="15.75" cy="7.5" r="2.5" />
    <circle cx="8.25" cy="16.5" r="2.5" />
  </>,
);
export const SendIcon = icon(
  <path
    class="mirrored"
    d="M4.3 4.6a.8.8 0 0 1 1.1-.9l14.7 7.5a.9.9 0 0 1 0 1.6L5.4 20.3a.8.8 0 0 1-1.1-.9l1.6-6.2 7.1-1.2-7.1-1.2z"
  />,
  true,
);
export const AttachIcon = icon(
  <path d="m19.5 11.5-7.7 7.7a4.8 4.8 0 0 1-6.8-6.8l8-8a3.2 3.2 0 0 1 4.5 4.5l-7.9 7.9a1.6 1.6 0 0 1-2.3-2.3l7.2-7.2" />,
);
export const CopyIcon = icon(
  <>
    <rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2.5" />
    <path d="M15.5 8.5V6.5A2.5 2.5 0 0 0 13 4H6.5A2.5 2.5 0 0 0 4 6.5V13a2.5 2.5 0 0 0 2.5 2.5h2" />
  </>,
);
export const ShareIcon = icon(
  <path d="M12 15V3.8m0 0L7.8 8M12 3.8 16.2 8M5 13.5v4A2.5 2.5 0 0 0 7.5 20h9a2.5 2.5 0 0 0 2.5-2.5v-4" />,
);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </>,
);
export const TickIcon = icon(<path d="m5.5 12.5 4.3 4.3 8.7-9.3" />);
export const TicksIcon = icon(<path d="m2.5 12.5 4.3 4.3 8.7-9.3m-4 8.3 1 1 8.7-9.3" />);
export const ReadIcon = icon(
  <>
    <circle cx="12" cy="12" r="9.5" fill="currentColor" stroke="none" />
    <path class="knockout" d="m5.6 12.3 2.9 2.9 5.3-5.8m-1.7 5.2.6.6 5.3-5.8" />
  </>,
);
export const WarningIcon = icon(
  <>
    <path d="M10.4 4.7 3.2 17.1A1.9 1.9 0 0 0 4.8 20h14.4a1.9 1.9 0 0 0 1.6-2.9L13.6 4.7a1.9 1.9 0 0 0-3.2 0Z" />
    <path d="M12 9.5v4m0 3v.1" />
  </>,
);
export const DownIcon = icon(<path d="M12 5v14m0 0-6-6m6 6 6-6" />);
export const ChevronIcon = icon(<path d="m6.5 9.5 5.5 5.5 5.5-5.5" />);
export const SaveIcon = icon(<path d="M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M5 19.5h14" />);
export const FileIcon = icon(
  <path d="M13.5 3.5H8A2.5 2.5 0 0 0 5.5 6v12A2.5 2.5 0 0 0 8 20.5h8a2.5 2.5 0 0 0 2.5-2.5V8.5zm0 0V6A2.5 2.5 0 0 0 16 8.5h2.5" />,
);
export const ImageIcon = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2.5" />
    <circle cx="8.8" cy="9.5" r="1.6" />
    <path d="m4 17 4.5-4.5 3.5 3.5 3.5-4 5 5" />
  </>,
);
export const VideoIcon = icon(
  <>
    <rect x="3" y="6" width="12.5" height="12" rx="2.5" />
    <path d="m15.5 10.5 5.5-3v9l-5.5-3" />
  </>,
);
export const AudioIcon = icon(<path d="M4 10.5v3m4-6v9m4-12.5v16m4-12v8m4-5.5v3" />);
export const ShieldIcon = icon(
  <path d="M12 3.5 5 6v5.5c0 4.3 2.8 7.5 7 9 4.2-1.5 7-4.7 7-9V6zm-3 8.5 2.2 2.2 4-4.4" />,
);
export const ShieldOpenIcon = icon(<path d="M12 3.5 5 6v5.5c0 4.3 2.8 7.5 7 9 4.2-1.5 7-4.7 7-9V6zm0 5v4m0 3v.1" />);
/** Somebody's word. */
export const IntroducedIcon = icon(
  <path d="M12 3.5 5 6v5.5c0 4.3 2.8 7.5 7 9 4.2-1.5 7-4.7 7-9V6zm0 4.3a2 2 0 1 0 .1 0M8.7 15.6c.4-1.8 1.7-2.7 3.3-2.7s2.9.9 3.3 2.7" />,
);
/** From one to another over a third. */
export const RelayIcon = icon(
  <>
    <path d="M5.8 16.2 10.5 9m3 0 4.7 7.2" />
    <circle cx="12" cy="6.8" r="2.6" />
    <circle cx="4.6" cy="18.2" r="2.2" />
    <circle cx="19.4" cy="18.2" r="2.2" />
  </>,
);
export const InfoIcon = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 11.5v4.5m0-8v.1" />
  </>,
);

/** Two who talk: their speech bubbles overlap, and what they share is the third colour. */
export function Mark({ size = 40 }: IconProps) {
  return (
    <svg class="mark" viewBox="0 0 48 48" width={size} height={size} aria-hidden="true" focusable="false">
      <path class="mark-one" d="M18 4a14.5 14.5 0 1 1 0 29H6a2.5 2.5 0 0 1-2.5-2.5v-12A14.5 14.5 0 0 1 18 4Z" />
      <path class="mark-two" d="M30 15a14.5 14.5 0 1 0 0 29h12a2.5 2.5 0 0 0 2.5-2.5v-12A14.5 14.5 0 0 0 30 15Z" />
      <path class="mark-shared" d="M32.11 15.15A14.5 14.5 0 0 1 18 33h-2.07a14.5 14.5 0 0 1 16.18-17.85Z" />
    </svg>
  );
}
