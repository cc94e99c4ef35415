// As much of Web Bluetooth (WebBluetoothCG draft) as a mailbox needs; TypeScript's DOM library has none of it.

export interface GattCharacteristic {
  readonly uuid: string;
  readonly properties: { readonly read: boolean; readonly write: boolean };
  writeValueWithResponse(value: BufferSource): Promise<void>;
  readValue(): Promise<DataView>;
}

interface GattService {
  getCharacteristics(): Promise<readonly GattCharacteristic[]>;
}

export interface GattServer {
  readonly connected: boolean;
  connect(): Promise<GattServer>;
  disconnect(): void;
  getPrimaryService(uuid: string): Promise<GattService>;
}

export interface GattDevice extends EventTarget {
  readonly gatt?: GattServer;
}

export interface BrowserBluetooth {
  getAvailability(): Promise<boolean>;
  requestDevice(options: {
    readonly filters: readonly ({ readonly services: readonly string[] } | { readonly name: string })[];
    readonly optionalServices: readonly string[];
  }): Promise<GattDevice>;
}
