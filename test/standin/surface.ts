/**
 * What a stand-in promises of an Electron type: these members, just as electron.d.ts types them. The
 * events come with the emitter.
 */
export type Surface<T, K extends Exclude<keyof T, keyof NodeJS.EventEmitter>> = Pick<T, K>;

/** Members that a language feature or a printer asks for, of any object, whatever it is. */
const ASKED_OF_ANYTHING = new Set(['then', 'toJSON', 'constructor', '__esModule']);

/** A read of a member that is not there ends in its name, so that nobody tests against `undefined`. */
export function refuseUnknown<T extends object>(name: (receiver: unknown) => string, target: T): T {
  return new Proxy(target, {
    get(from, key, receiver) {
      if (key in from || typeof key === 'symbol' || ASKED_OF_ANYTHING.has(key)) {
        return Reflect.get(from, key, receiver);
      }
      throw new Error(`stand-in: electron's ${name(receiver)}.${key} is not simulated`);
    },
  });
}

/** The same for one object of plain functions. */
export function strict<T extends object>(name: string, target: T): T {
  return refuseUnknown(() => name, target);
}

/** Gives a stand-in the type of what it stands for, where Electron's own signatures name that. */
export function pose<T>(standin: object): T {
  return standin as T;
}

/** Some members of an object of Electron's, in the place of all. */
export function simulate<T extends object>(name: string, members: Partial<T>): T {
  return strict(name, members as T);
}

/** An event that its listeners can prevent. */
export function cancellable<P extends object>(params: P): Electron.Event<P> {
  let prevented = false;
  const event = {
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  return Object.assign(event, params);
}
