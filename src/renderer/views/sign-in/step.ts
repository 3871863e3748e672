import type { SignInView } from '../../../shared/app-state.ts';

/** A sign-in at one step. */
export type At<Step extends SignInView['step']> = Extract<SignInView, { step: Step }>;
