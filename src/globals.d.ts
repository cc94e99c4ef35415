// What the build defines (vite.config.ts) and modules without types of their own.

/** Version of package.json. The release hash stands in `<meta name="kith-release">`. */
declare const __KITH_VERSION__: string;

declare module 'inherits' {
  const inherits: (derived: unknown, base: unknown) => void;
  export default inherits;
}
