import { app, dialog } from 'electron';
import { describeError, type ErrorDescription } from '../shared/error-texts.ts';
import { type AppError, asAppError } from '../shared/errors.ts';
import { platform } from './platform.ts';

/** An error in the person's words. */
export function explain(error: AppError): ErrorDescription {
  return describeError(error, { platform, locale: app.getSystemLocale(), now: Date.now() });
}

/** There is no window to say it in, and nothing to go on with. */
export function failToStart(error: unknown): void {
  const { title, sentence } = explain(asAppError(error));
  dialog.showErrorBox(title, sentence);
  app.exit(1);
}
