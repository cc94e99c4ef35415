// The port to what a device can see: QR codes in front of its camera or in a picture.

/** A camera that is on. */
export interface Camera {
  /** What it sees, for the `srcObject` of a video element: a MediaStream, which core has no word for. */
  readonly stream: object;
  /** Turns its light on or off; false: it did not turn. null: it has none that a page may turn. */
  readonly torch: ((on: boolean) => Promise<boolean>) | null;
  /** Tells every text that a QR code in the picture of `video` (an HTMLVideoElement) holds, again and again, until it is closed. */
  watch(video: object, onText: (text: string) => void): void;
  /** It went off by itself: the page was hidden, the device unplugged, or another program took it. Not told after `close`. */
  onEnd(listener: () => void): void;
  close(): void;
}

export interface Scanner {
  /** Whether there is a camera, as far as a browser says before the person has allowed it. */
  hasCamera(): Promise<boolean>;
  /**
   * Asks the person, and turns on the one that looks away from them, if there are several.
   * @throws KithError 'camera-insecure' | 'camera-none' | 'camera-refused' | 'camera-busy'
   */
  openCamera(): Promise<Camera>;
  /** The text of a QR code in a picture. @throws KithError 'picture-unreadable' | 'picture-no-code' */
  readPicture(picture: Blob): Promise<string>;
}
