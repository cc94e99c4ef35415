// A Link carries whole frames, in order, between two browsers. It is an untrusted pipe: nothing it says is believed
// before the session above it has authenticated it.

export interface LinkBinding {
  /** SHA-256 DTLS certificate fingerprint of this side, 32 bytes. */
  readonly local: Uint8Array;
  /** SHA-256 DTLS certificate fingerprint of the other side, 32 bytes. */
  readonly remote: Uint8Array;
}

/** How a link runs that the overlay carries. */
export interface LinkWay {
  /** Overlay id of the neighbour that it leaves through. */
  readonly via: Uint8Array;
  /** Links from here to the other end. */
  readonly hops: number;
}

export interface Link {
  /** relayed: somebody else's browser is between. direct: each side sees the other's address. */
  readonly route: 'direct' | 'relayed';
  /** Of a link that the overlay carries: relayed, or over the neighbour's own link. */
  readonly way?: LinkWay;
  readonly binding: LinkBinding;
  /** Bytes given to `send` that the network has not taken yet. */
  readonly bufferedAmount: number;
  /** `frame` is lent: who keeps it longer than this call copies it. @throws KithError 'link-closed' when the link is closed, 'frame-too-large' above MAX_FRAME_BYTES. */
  send(frame: Uint8Array): void;
  /** One handler; frames that arrive before it is set are kept in order. */
  onFrame(handler: (frame: Uint8Array) => void): void;
  /** Called once, also when the link had closed before. Never called synchronously from `onClose` itself. */
  onClose(handler: () => void): void;
  /** Resolves when `bufferedAmount` <= `bytes`, or the link has closed. */
  drained(bytes: number): Promise<void>;
  close(): void;
}
