// What a developer may read. A line never holds what a user wrote, a name, a key, a number or an address.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type Log = (level: LogLevel, event: string, facts?: Readonly<Record<string, string | number | boolean>>) => void;

export const silentLog: Log = () => {};
