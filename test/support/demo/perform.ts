import { existsSync } from 'node:fs';
import { keychainSkipped } from './chapters/where.ts';
import { Narrator, type Screen } from './narrator.ts';
import { type Stage, type StageOptions, setStage } from './stage.ts';

export type StoryOptions = Omit<StageOptions, 'narrator'> & { readonly screen: Screen };

/** `held`: every step really happened. `failed`: one did not. `stopped`: by the signal. */
export type Outcome = 'held' | 'failed' | 'stopped';

/** One step of a story. */
export interface Chapter<On> {
  readonly title: string;
  /** What happens, in one plain sentence. */
  readonly plain: string;
  readonly play: (stage: On) => Promise<void>;
}

/** A story, and what it is played on. */
export interface Story<On> {
  readonly title: string;
  /** What is real about it. */
  readonly about: string;
  /** Puts on the stage what it needs beyond an empty one. */
  readonly furnish: (stage: Stage) => Promise<On>;
  readonly chapters: readonly Chapter<On>[];
}

/** Plays the whole story, and leaves nothing behind. */
export async function perform<On>(
  story: Story<On>,
  { screen, ...options }: StoryOptions,
): Promise<Outcome> {
  const started = Date.now();
  const narrator = new Narrator(screen);
  narrator.say(story.title, 'bold');
  narrator.say(story.about);
  const stage = await setStage({ ...options, narrator });
  try {
    await playChapters(story.chapters, stage, await story.furnish(stage));
  } finally {
    await stage.close();
  }
  const left = existsSync(stage.folder);
  if (!options.keep && left) narrator.check('nothing is left behind', stage.folder, 'no folder');
  tellEnd(stage, Date.now() - started);
  narrator.say(left ? `Everything is still in ${stage.folder}` : 'Nothing was left behind.');
  if (options.signal.aborted) return 'stopped';
  return narrator.failed === 0 ? 'held' : 'failed';
}

/** One after the other; what follows a failed check would only fail for its sake. */
async function playChapters<On>(
  chapters: readonly Chapter<On>[],
  { narrator, signal }: Stage,
  on: On,
): Promise<void> {
  for (const [index, { title, plain, play }] of chapters.entries()) {
    if (signal.aborted) return;
    narrator.chapter(index + 1, chapters.length, title, plain);
    try {
      await play(on);
      await narrator.pause(signal);
    } catch (error) {
      if (signal.aborted) return;
      const came = error instanceof Error ? error.message : error;
      narrator.check('this chapter comes to its end', came, 'no error');
    }
    if (narrator.failed > 0) return;
  }
}

function tellEnd(stage: Stage, took: number): void {
  const { narrator, keyring, signal } = stage;
  const { held, failed } = narrator;
  const seconds = Math.round(took / 1000);
  narrator.gap();
  if (signal.aborted) narrator.say('Stopped.', 'yellow');
  else if (failed > 0) narrator.say(`${failed} of ${held + failed} checks failed.`, 'red');
  else narrator.say(`All ${held} checks held, in ${seconds} s.`, 'green');
  if (!keyring) narrator.say(keychainSkipped(stage));
}
