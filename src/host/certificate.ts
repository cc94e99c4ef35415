// A self-signed certificate for `npm start -- --host` (RFC 5280 with the names this machine has on its networks). Made
// afresh at each start, so that no private key lies on the disk.
import { networkInterfaces } from 'node:os';
import { generate } from 'selfsigned';

/** Days. Long enough for a day of trying things; Safari refuses more than 825. */
const VALID_DAYS = 30;
const DAY_MS = 86_400_000;

/** This machine's addresses on its networks, IPv4 first. Link-local IPv6 is left out: it needs a zone no URL can carry. */
export function lanAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const reachable = all.filter(({ internal, address }) => !internal && !address.toLowerCase().startsWith('fe80:'));
  return [
    ...reachable.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    ...reachable.filter(({ family }) => family === 'IPv6').map(({ address }) => address),
  ];
}

/** PEM key and certificate for localhost and `addresses`. */
export async function selfSigned(addresses: readonly string[]): Promise<{ key: string; cert: string }> {
  const ips = ['127.0.0.1', '::1', ...addresses];
  const made = await generate([{ name: 'commonName', value: 'Kith on this network' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [{ type: 2, value: 'localhost' }, ...ips.map((ip) => ({ type: 7 as const, ip }))],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
