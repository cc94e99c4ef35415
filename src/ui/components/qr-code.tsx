// A text as a QR code. Dark on white in every theme, because many cameras read no others; nothing until it is drawn.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { drawQr, type QrPicture } from '../../app/qr.ts';
import './qr-code.css';

interface QrCodeProps {
  /** In which case means nothing. Use it as `key` too. */
  readonly text: string;
  readonly label: string;
  readonly testId: string;
}

export function QrCode({ text, label, testId }: QrCodeProps) {
  const picture = useSignal<QrPicture | null>(null);
  useEffect(() => {
    let shown = true;
    const take = (drawn: QrPicture | null) => {
      if (shown) picture.value = drawn;
    };
    // Without the encoder (the site is gone) the text beside it does.
    drawQr(text).then(take, () => take(null));
    return () => {
      shown = false;
    };
  }, [text, picture]);
  if (picture.value === null) return null;
  const { size, path } = picture.value;
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      data-testid={testId}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
