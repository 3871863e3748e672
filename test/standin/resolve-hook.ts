interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

/** Whether a program means the module that we stand in for. */
export function meansElectron(specifier: string): boolean {
  return specifier === 'electron' || specifier === 'electron/main';
}

/** Node's hook for `import`: leads `electron` to the stand-in, which the bundle puts beside this file. */
export function resolve<C>(
  specifier: string,
  context: C,
  next: (specifier: string, context: C) => Resolved | Promise<Resolved>,
): Resolved | Promise<Resolved> {
  if (!meansElectron(specifier)) return next(specifier, context);
  return { url: new URL('./electron.js', import.meta.url).href, shortCircuit: true };
}
