// Everything that leaves a page by a data channel or a WebSocket, and everything its origin has stored, as bytes to be searched.
import type { Page } from '@playwright/test';

declare global {
  var kithSent: Record<'RTCDataChannel' | 'WebSocket', Uint8Array[]>;
  var kithReceived: Uint8Array[];
}

/** To be given to `Person.arrive`: keeps a copy of what is sent. */
export function recordSent(): void {
  const sent: typeof globalThis.kithSent = { RTCDataChannel: [], WebSocket: [] };
  globalThis.kithSent = sent;
  type Sends = { send(this: object, data: unknown): void };
  const record = (prototype: Sends, kind: keyof typeof sent) => {
    const { send } = prototype;
    prototype.send = function (data) {
      if (typeof data === 'string') sent[kind].push(new TextEncoder().encode(data));
      else if (data instanceof ArrayBuffer) sent[kind].push(new Uint8Array(data.slice(0)));
      else if (ArrayBuffer.isView(data))
        sent[kind].push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice());
      else throw new Error('sent something that the recorder cannot read');
      send.call(this, data);
    };
  };
  record(RTCDataChannel.prototype as Sends, 'RTCDataChannel');
  record(WebSocket.prototype as Sends, 'WebSocket');
}

/** To be given besides `recordSent`: keeps a copy of what comes in by data channels. */
export function recordReceived(): void {
  const received: Uint8Array[] = [];
  globalThis.kithReceived = received;
  const { prototype } = RTCPeerConnection;
  const { createDataChannel } = prototype;
  prototype.createDataChannel = function (...options) {
    const channel = createDataChannel.apply(this, options);
    channel.addEventListener('message', ({ data }) => {
      if (!(data instanceof ArrayBuffer)) throw new Error('received something that the recorder cannot read');
      received.push(new Uint8Array(data.slice(0)));
    });
    return channel;
  };
}

type Places = Record<string, Buffer>;

const decoded = (places: Record<string, string>): Places =>
  Object.fromEntries(Object.entries(places).map(([place, text]) => [place, Buffer.from(text, 'base64')]));

const toBase64 = `
  globalThis.kithBase64 = async (parts) => {
    const reader = new FileReader();
    const read = new Promise((resolve) => { reader.onload = resolve; });
    reader.readAsDataURL(new Blob(parts));
    await read;
    return reader.result.slice(reader.result.indexOf(',') + 1);
  };`;

declare global {
  var kithBase64: (parts: readonly BlobPart[]) => Promise<string>;
}

export async function sentBytes(page: Page): Promise<Places> {
  await page.evaluate(toBase64);
  return decoded(
    await page.evaluate(async () => ({
      RTCDataChannel: await globalThis.kithBase64(globalThis.kithSent.RTCDataChannel as Uint8Array<ArrayBuffer>[]),
      WebSocket: await globalThis.kithBase64(globalThis.kithSent.WebSocket as Uint8Array<ArrayBuffer>[]),
    })),
  );
}

export async function receivedBytes(page: Page): Promise<Buffer> {
  await page.evaluate(toBase64);
  const bytes = () => globalThis.kithBase64(globalThis.kithReceived as Uint8Array<ArrayBuffer>[]);
  return Buffer.from(await page.evaluate(bytes), 'base64');
}

/** Sends a text from the page to itself, as it is: for showing that the recorders would have it. */
export const sayOnChannel = (page: Page, text: string): Promise<void> =>
  page.evaluate(async (plain) => {
    const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
    const [mouth, ear] = [one, other].map((each) => each.createDataChannel('control', { negotiated: true, id: 0 }));
    if (!mouth || !ear) return;
    ear.binaryType = 'arraybuffer';
    const described = async (connection: RTCPeerConnection) => {
      await connection.setLocalDescription();
      while (connection.iceGatheringState !== 'complete')
        await new Promise((resolve) => connection.addEventListener('icegatheringstatechange', resolve, { once: true }));
      return connection.localDescription as RTCSessionDescription;
    };
    await other.setRemoteDescription(await described(one));
    await one.setRemoteDescription(await described(other));
    if (mouth.readyState !== 'open') await new Promise((resolve) => mouth.addEventListener('open', resolve));
    const heard = new Promise((resolve) => ear.addEventListener('message', resolve));
    mouth.send(new TextEncoder().encode(plain));
    await heard;
  }, text);

/** Every key and value of every store of every database, and every file of the origin's private file system. */
export async function storedBytes(page: Page): Promise<Places> {
  await page.evaluate(toBase64);
  return decoded(
    await page.evaluate(async () => {
      const done = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const records: BlobPart[] = [];
      const take = (value: unknown): void => {
        if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) records.push(value as BlobPart);
        else if (typeof value === 'object' && value !== null)
          for (const [key, inner] of Object.entries(value)) {
            take(key);
            take(inner);
          }
        else records.push(`${String(value)}\n`);
      };
      for (const { name = '' } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
          const reading = database.transaction(store).objectStore(store);
          take(await Promise.all([done(reading.getAllKeys()), done(reading.getAll())]));
        }
        database.close();
      }
      const files: File[] = [];
      const walk = async (directory: FileSystemDirectoryHandle): Promise<void> => {
        for await (const handle of (directory as unknown as { values(): AsyncIterable<FileSystemHandle> }).values()) {
          if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle);
          else files.push(await (handle as FileSystemFileHandle).getFile());
        }
      };
      await walk(await navigator.storage.getDirectory());
      return { IndexedDB: await globalThis.kithBase64(records), OPFS: await globalThis.kithBase64(files) };
    }),
  );
}

/** How many records a table of Kith's own database holds. */
export const recordsIn = (page: Page, table: string): Promise<number> =>
  page.evaluate(
    (name) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('kith');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction(name).objectStore(name).count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
    table,
  );
