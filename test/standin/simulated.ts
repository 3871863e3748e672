import { EventEmitter } from 'node:events';
import { refuseUnknown } from './surface.ts';

/** The base of each class that stands for one of Electron's: an emitter that has no unknown members. */
export class Simulated extends EventEmitter {}

// In the chain of prototypes and not around the object, where it would hide the private fields.
Object.setPrototypeOf(
  Simulated.prototype,
  refuseUnknown((receiver) => (receiver as object).constructor.name, EventEmitter.prototype),
);
