// Scanning a code: a button for the camera, one for a picture, and what the camera sees while it is on.
import { effect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Camera } from '../../app/meet/camera.ts';
import { type Reading, Scan } from '../../app/meet/scan.ts';
import { useApp } from '../context.ts';
import { CloseIcon, ImageIcon } from '../icons/icons.tsx';
import { CameraIcon, LightIcon } from '../icons/meeting-icons.tsx';
import { useMeetingWords } from '../words.ts';
import { Button } from './button.tsx';
import './scanning.css';

/** A scan that ends with the screen. While it goes on it lies on top: Escape ends it first. */
export function useScan(reading: Reading): Scan {
  const app = useApp();
  const scan = useMemo(() => new Scan(app.platform, reading), [app, reading]);
  useEffect(() => {
    void scan.look();
    const stop = () => scan.stop();
    const unfollow = effect(() => {
      app.onTop = scan.state.value === 'off' ? null : stop;
    });
    return () => {
      unfollow();
      stop();
      app.onTop = null;
    };
  }, [app, scan]);
  return scan;
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

/** What is pasted or dropped anywhere on the screen: pictures for `scan`, and texts beside the fields. */
export function usePasted(onText: ((text: string) => void) | null, scan?: Scan): void {
  useEffect(() => {
    const take = (event: Event, data: DataTransfer | null) => {
      const file = scan && data?.files[0];
      const text = onText === null || isField(event.target) ? '' : (data?.getData('text/plain') ?? '').trim();
      if (file === undefined && text === '') return;
      event.preventDefault();
      if (scan && file !== undefined) void scan.picture(file);
      else onText?.(text);
    };
    const onPaste = (event: ClipboardEvent) => take(event, event.clipboardData);
    const onDrop = (event: DragEvent) => take(event, event.dataTransfer);
    window.addEventListener('paste', onPaste);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('paste', onPaste);
      window.removeEventListener('drop', onDrop);
    };
  }, [onText, scan]);
}

function Viewfinder({ scan, camera }: { readonly scan: Scan; readonly camera: Camera }) {
  const words = useMeetingWords().scan;
  const video = useRef<HTMLVideoElement>(null);
  const stop = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = camera.stream as MediaStream;
    // Refused where videos never play by themselves; the first frame is there all the same.
    element.play().catch(() => undefined);
    scan.shown(element);
    stop.current?.querySelector('button')?.focus({ preventScroll: true });
    element.parentElement?.scrollIntoView({ block: 'nearest' });
  }, [scan, camera]);
  return (
    <>
      <div class="viewfinder">
        <video ref={video} class="viewfinder-video" data-testid="scan-view" aria-label={words.view} muted playsInline />
        <span class="viewfinder-frame" aria-hidden="true" />
      </div>
      <div class="buttons" ref={stop}>
        <Button data-testid="scan-stop" onClick={() => scan.stop()}>
          <CloseIcon size={18} />
          {words.stop}
        </Button>
        {camera.torch !== null && (
          <Button
            data-testid="scan-light"
            aria-pressed={scan.lit.value}
            onClick={() => void scan.light(!scan.lit.peek())}
          >
            <LightIcon size={18} />
            {words.light}
          </Button>
        )}
      </div>
    </>
  );
}

/** A button that opens the browser's choice of a file. */
function PictureButton({ scan, primary }: { readonly scan: Scan; readonly primary: boolean }) {
  const words = useMeetingWords().scan;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        autocomplete="off"
        accept="image/*"
        tabIndex={-1}
        aria-hidden="true"
        data-testid="scan-picture"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file !== undefined) void scan.picture(file);
          // The same file may be chosen again.
          currentTarget.value = '';
        }}
      />
      <Button look={primary ? 'primary' : 'plain'} onClick={() => input.current?.click()}>
        <ImageIcon size={18} />
        {words.picture}
      </Button>
    </>
  );
}

interface ScanningProps {
  readonly scan: Scan;
  /** What the button for the camera says. */
  readonly start: string;
  /** Another button, for who does it without scanning. */
  readonly children?: ComponentChildren;
}

export function Scanning({ scan, start, children }: ScanningProps) {
  const words = useMeetingWords().scan;
  const state = scan.state.value;
  const camera = scan.camera.value;
  const hasCamera = scan.hasCamera.value !== false;
  const buttons = useRef<HTMLDivElement>(null);
  const was = useRef(state);
  useEffect(() => {
    // The button that was pressed has gone with the camera.
    const lost = was.current === 'looking' && state === 'off' && document.activeElement === document.body;
    was.current = state;
    if (lost) buttons.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [state]);
  return (
    <div class="scanning">
      <p class="scanning-state" role="status" data-testid="scan-state" data-state={state}>
        {state === 'off' ? (hasCamera ? words.pictureHelp : words.noCamera) : words[state]}
      </p>
      {camera !== null && <Viewfinder scan={scan} camera={camera} />}
      {camera === null && (
        <div class="buttons" ref={buttons}>
          {hasCamera && (
            <Button
              look="primary"
              data-testid="scan-start"
              disabled={state === 'opening'}
              onClick={() => void scan.start()}
            >
              <CameraIcon size={18} />
              {start}
            </Button>
          )}
          <PictureButton scan={scan} primary={!hasCamera && children === undefined} />
          {children}
        </div>
      )}
    </div>
  );
}
