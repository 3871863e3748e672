/** The schemes of the app's own, which `protocol` answers. */
const schemes = new Set<string>();

const OWN = /^([a-z][a-z0-9+-]*):\/\/([^/?#]*)(.*)$/i;
const STANDING_IN = /^https:\/\/([^/?#]*)\.([a-z][a-z0-9+-]*)\.test(.*)$/i;

/** Makes the pages of a scheme pages of `https://<host>.<scheme>.test`: Chromium lets nobody add a scheme. */
export function registerScheme({ scheme, privileges }: Electron.CustomScheme): void {
  if (!privileges?.standard || !privileges.secure) {
    throw new Error(`stand-in: ${scheme}: is only simulated as standard and secure`);
  }
  schemes.add(scheme);
}

/** Whether it is a scheme of the app's own. */
export function isOwnScheme(scheme: string): boolean {
  return schemes.has(scheme);
}

/** Whether nobody but `protocol` can answer for it. */
export function isOwnAddress(address: string): boolean {
  return schemes.has(address.slice(0, address.indexOf(':')));
}

/** The address under which Chromium knows one of the app's: `app://bundle/x` → `https://bundle.app.test/x`. */
export function toChromium(address: string): string {
  const [, scheme = '', name, rest] = OWN.exec(address) ?? [];
  return schemes.has(scheme) ? `https://${name}.${scheme}.test${rest || '/'}` : address;
}

/** And back. */
export function fromChromium(address: string): string {
  const [, name, scheme = '', rest] = STANDING_IN.exec(address) ?? [];
  return schemes.has(scheme) ? `${scheme}://${name}${rest}` : address;
}

/** The origin of an address, as Electron tells it. */
export function originOf(address: string): string {
  const [, scheme, name] = OWN.exec(address) ?? [];
  return scheme ? `${scheme}://${name}` : 'null';
}
