// The kith.config.json that the host serves in place of the built one: its own tracker, and no server of anybody else.

/** Path of the embedded tracker. */
export const TRACKER_PATH = '/announce';
/** Path of the runtime configuration. */
export const CONFIG_PATH = '/kith.config.json';

/** 25 MiB; core/wire/limits.ts has the same bound. */
const MAX_FILE_BYTES = 26_214_400;

export const runtimeConfig: string = `${JSON.stringify(
  { trackers: [TRACKER_PATH], iceServers: [], maxFileBytes: MAX_FILE_BYTES },
  null,
  2,
)}\n`;
