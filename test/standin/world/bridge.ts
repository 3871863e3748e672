/** A value on its way between two worlds: what cannot be cloned goes by number. */
type Wired =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'function'; readonly id: number }
  | { readonly kind: 'promise'; readonly id: number }
  | { readonly kind: 'error'; readonly name: string; readonly message: string }
  | { readonly kind: 'list'; readonly items: readonly Wired[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Wired])[] };

type Outcome = { readonly returned: Wired } | { readonly thrown: Wired };

type Request =
  | { readonly call: number | string; readonly args: readonly Wired[] }
  | { readonly settle: number; readonly outcome: Outcome };

type Callable = (...args: unknown[]) => unknown;

function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/**
 * One end of what lies between a page's own world and its preload's. Both ends hold the same element,
 * which nobody else can reach; an event on it is heard in the other world at once, its detail cloned.
 */
export class Bridge {
  readonly #node: Element;
  readonly #theirs: string;
  readonly #functions = new Map<number | string, Callable>();
  readonly #promises = new Map<number, (outcome: Outcome) => void>();
  #lastId = 0;
  #reply: Outcome | undefined;

  constructor(node: Element, mine: string, theirs: string) {
    this.#node = node;
    this.#theirs = theirs;
    node.addEventListener(mine, (event) => this.#receive((event as CustomEvent).detail));
    node.addEventListener(`${mine}-reply`, (event) => {
      this.#reply = (event as CustomEvent).detail;
    });
  }

  /** Lets the other end call a function by this name. */
  publish(name: string, callable: Callable): void {
    this.#functions.set(name, callable);
  }

  /** Calls a function of the other end. Throws what it throws. */
  call(id: number | string, ...args: readonly unknown[]): unknown {
    const outcome = this.#request({ call: id, args: args.map((each) => this.#wire(each)) });
    return this.#result(outcome ?? { thrown: this.#wire(new Error('The other world is gone.')) });
  }

  #request(request: Request): Outcome | undefined {
    this.#reply = undefined;
    this.#node.dispatchEvent(new CustomEvent(this.#theirs, { detail: request }));
    return this.#reply;
  }

  #receive(request: Request | null): void {
    if (request && 'settle' in request) {
      this.#promises.get(request.settle)?.(request.outcome);
      this.#promises.delete(request.settle);
      return;
    }
    const detail = this.#attempt(() => {
      if (!request) throw new Error('An object could not be cloned.');
      return this.#functions.get(request.call)?.(...request.args.map((each) => this.#unwire(each)));
    });
    this.#node.dispatchEvent(new CustomEvent(`${this.#theirs}-reply`, { detail }));
  }

  #attempt(run: () => unknown): Outcome {
    try {
      return { returned: this.#wire(run()) };
    } catch (error) {
      return { thrown: this.#wire(error) };
    }
  }

  #result(outcome: Outcome): unknown {
    if ('thrown' in outcome) throw this.#unwire(outcome.thrown);
    return this.#unwire(outcome.returned);
  }

  #wire(value: unknown): Wired {
    if (typeof value === 'function') return { kind: 'function', id: this.#keep(value as Callable) };
    if (value instanceof Promise) return { kind: 'promise', id: this.#follow(value) };
    if (value instanceof Error) return { kind: 'error', name: value.name, message: value.message };
    if (Array.isArray(value)) return { kind: 'list', items: value.map((each) => this.#wire(each)) };
    if (!isRecord(value)) return { kind: 'value', value };
    const entries = Object.entries(value).map(([key, part]) => [key, this.#wire(part)] as const);
    return { kind: 'record', entries };
  }

  #unwire(wired: Wired): unknown {
    switch (wired.kind) {
      case 'value':
        return wired.value;
      case 'function':
        return (...args: unknown[]) => this.call(wired.id, ...args);
      case 'promise':
        return new Promise<Outcome>((resolve) => {
          this.#promises.set(wired.id, resolve);
        }).then((outcome) => this.#result(outcome));
      case 'error':
        return Object.assign(new Error(wired.message), { name: wired.name });
      case 'list':
        return wired.items.map((each) => this.#unwire(each));
      case 'record':
        return Object.fromEntries(wired.entries.map(([key, part]) => [key, this.#unwire(part)]));
    }
  }

  #keep(callable: Callable): number {
    this.#lastId += 1;
    this.#functions.set(this.#lastId, callable);
    return this.#lastId;
  }

  #follow(promise: Promise<unknown>): number {
    this.#lastId += 1;
    const id = this.#lastId;
    const settle = (outcome: Outcome) => this.#request({ settle: id, outcome });
    promise.then(
      (value) => settle({ returned: this.#wire(value) }),
      (error) => settle({ thrown: this.#wire(error) }),
    );
    return id;
  }
}
