import { promisify } from 'node:util';

/**
 * What a look at the Secret Service, the keyring of a Linux desktop, finds.
 * `no-default`: it is there, but holds no default keyring yet. Reading finds nothing, and storing makes
 * the system ask for a password for a new one.
 * `missing`: no libsecret, no D-Bus session, or nobody on it who offers the service.
 * `silent`: it did not answer in time.
 */
export type KeyringLook = 'open' | 'locked' | 'no-default' | 'missing' | 'silent';

type Pointer = bigint;
type Out = [Pointer | null];

interface Libsecret {
  forgetService(): void;
  service(flags: number, cancellable: Pointer, error: Out): Promise<Pointer | null>;
  collection(
    service: Pointer,
    alias: string,
    flags: number,
    cancellable: Pointer,
    error: Out,
  ): Promise<Pointer | null>;
  /** A gboolean. */
  isLocked(collection: Pointer): number;
  newCancellable(): Pointer;
  cancel(cancellable: Pointer): void;
  unref(object: Pointer): void;
  /** Frees the error and tells whether it was GIO's own timeout. */
  wasTimeout(error: Pointer): boolean;
}

let loaded: Promise<Libsecret> | undefined;

/**
 * Whether the default keyring can be used now. It never makes the system ask anybody anything, and it
 * ends as soon as `signal` is aborted, whatever the service does: no thread stays behind.
 */
export async function lookAtKeyring(signal: AbortSignal): Promise<KeyringLook> {
  loaded ??= loadLibsecret();
  const lib = await loaded.catch(() => null);
  if (lib === null) return 'missing';
  if (signal.aborted) return 'silent';
  const cancellable = lib.newCancellable();
  const cancel = () => lib.cancel(cancellable);
  signal.addEventListener('abort', cancel);
  try {
    return await lookWith(lib, cancellable, signal);
  } finally {
    signal.removeEventListener('abort', cancel);
    lib.unref(cancellable);
  }
}

async function lookWith(
  lib: Libsecret,
  cancellable: Pointer,
  signal: AbortSignal,
): Promise<KeyringLook> {
  const error: Out = [null];
  const failure = (): KeyringLook => {
    const timedOut = error[0] !== null && lib.wasTimeout(error[0]);
    return timedOut || signal.aborted ? 'silent' : 'missing';
  };
  // libsecret clings to the service that it met first, without a main loop for ever: after a restart
  // of the keyring each call of ours and of keytar's, which shares it, would fail.
  lib.forgetService();
  const service = await lib.service(0, cancellable, error);
  if (service === null) return failure();
  try {
    const collection = await lib.collection(service, 'default', 0, cancellable, error);
    if (collection === null) return error[0] === null ? 'no-default' : failure();
    const locked = lib.isLocked(collection) !== 0;
    lib.unref(collection);
    return locked ? 'locked' : 'open';
  } finally {
    lib.unref(service);
  }
}

/**
 * The calls of https://gnome.pages.gitlab.gnome.org/libsecret/ that are needed. Those that talk to the
 * service run on a thread of their own.
 */
async function loadLibsecret(): Promise<Libsecret> {
  const koffi = await import('koffi');
  // Symbols of GLib are found through it, because it links to GLib.
  const lib = koffi.load('libsecret-1.so.0');
  const freeError = lib.func('void g_error_free(void *error)');
  const matches = lib.func('int g_error_matches(void *error, uint32_t domain, int code)');
  const ioErrors: number = lib.func('uint32_t g_io_error_quark()')();
  const G_IO_ERROR_TIMED_OUT = 24;
  return {
    forgetService: lib.func('void secret_service_disconnect()'),
    service: promisify(
      lib.func('void *secret_service_get_sync(int flags, void *cancellable, _Out_ void **error)')
        .async,
    ) as Libsecret['service'],
    collection: promisify(
      lib.func(
        'void *secret_collection_for_alias_sync(void *service, const char *alias, int flags, void *cancellable, _Out_ void **error)',
      ).async,
    ) as Libsecret['collection'],
    isLocked: lib.func('int secret_collection_get_locked(void *collection)'),
    newCancellable: lib.func('void *g_cancellable_new()'),
    cancel: lib.func('void g_cancellable_cancel(void *cancellable)'),
    unref: lib.func('void g_object_unref(void *object)'),
    wasTimeout(error) {
      const timedOut = matches(error, ioErrors, G_IO_ERROR_TIMED_OUT) !== 0;
      freeError(error);
      return timedOut;
    },
  };
}
