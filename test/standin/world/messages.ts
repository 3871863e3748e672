/** Messages of the preload's world to the app, as JSON. `args` is packed by `pack`. */
export type MessageUp =
  | { readonly kind: 'send'; readonly channel: string; readonly args: string }
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly channel: string;
      readonly args: string;
    }
  | { readonly kind: 'open'; readonly url: string; readonly name: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Messages of the app to the preload's world. `args` and `value` are packed by `pack`. */
export type MessageDown =
  | { readonly kind: 'push'; readonly channel: string; readonly args: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: string }
  | { readonly kind: 'refusal'; readonly id: number; readonly reason: string }
  | { readonly kind: 'clipboard'; readonly text: string };

/** The name of the preload's isolated world. */
export const WORLD = 'electron-preload';
/** In that world: the function that takes a `MessageUp`. */
export const BINDING = '__standinUp';
/** In that world: the function that takes a `MessageDown`. */
export const RECEIVER = '__standinDown';
