// As much of Web Bluetooth (WebBluetoothCG draft) as a mailbox and a gadget's console need; TypeScript's DOM library has none of it.

export interface GattCharacteristic extends EventTarget {
  readonly uuid: string;
  readonly properties: {
    readonly read: boolean;
    readonly write: boolean;
    readonly writeWithoutResponse: boolean;
    readonly notify: boolean;
  };
  /** The last that was read or notified. */
  readonly value?: DataView;
  writeValueWithResponse(value: BufferSource): Promise<void>;
  writeValueWithoutResponse(value: BufferSource): Promise<void>;
  readValue(): Promise<DataView>;
  /** From now on `characteristicvaluechanged` events come. */
  startNotifications(): Promise<unknown>;
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
    readonly filters: readonly (
      | { readonly services: readonly string[] }
      | { readonly name: string }
      | { readonly namePrefix: string }
    )[];
    readonly optionalServices: readonly string[];
  }): Promise<GattDevice>;
}
