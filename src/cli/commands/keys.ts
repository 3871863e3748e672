import type { AddedKey, ReplacedKey } from '../../core/keys/change.ts';
import { isRefused, type KeyCheck, verdictOfKey } from '../../core/keys/check.ts';
import type { KeyView } from '../../core/keys/list.ts';
import { findKeyService, keyServiceNamed } from '../../core/keys/services.ts';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { agoInWords } from '../../shared/time-words.ts';
import { type Tools, unbroken } from '../command.ts';
import { gravestOf } from '../exit-codes.ts';
import { linesOfPlace, statusWords, storedWords, whyOwed } from '../key-words.ts';
import { paint, print, printJson } from '../output.ts';
import { agreed, readSecret } from '../read-secret.ts';
import { placeOf } from '../words.ts';

/** The longest that a person mistypes a service's name. */
const LONGEST_NAME = 12;

/** How `authbar key add` was asked. */
export interface AddOptions {
  /** How long the service may take to answer, ms; `undefined`: the usual. */
  readonly timeout: number | undefined;
  /** What stands behind the service on the command line, where nothing should. */
  readonly excess: readonly string[];
  readonly json: boolean;
}

/** Takes a key, hands it to the tools, and has its service look at it. */
export async function addKey(
  tools: Tools,
  name: string,
  { timeout, excess, json }: AddOptions,
): Promise<number> {
  const services = tools.context.keyServices;
  const isName = keyServiceNamed(services, name) !== null || name.length <= LONGEST_NAME;
  if (excess.length > 0 || !isName) throw givenAsArgument();
  const service = findKeyService(services, name);
  const text = await readSecret(
    `Paste your ${service.name} key, then press Enter. It isn’t shown: `,
    process.stdin,
  );
  return unbroken(async ({ engine }) => {
    const { check, view, replaced } = await engine.keys.add(service.id, text, timeout);
    const lost = isRefused(check) ? replaced : null;
    if (json) printJson({ key: documentOf(view), replaced: lost && { ending: lost.ending } });
    else {
      print(storedWords(service.name, check));
      const back = lost && (await putBack(lost));
      if (isRefused(check) && !back)
        print(`  → Copy all of it, and run \`authbar key add ${service.id}\` again.`);
      showPlaces(back ? back.view : view);
    }
    return gravestOf([...codeOf(check), ...owedIn(view)]);
  })(tools);
}

/** A person may have the key back that worked until now; nobody else is asked. */
async function putBack({ ending, restore }: ReplacedKey): Promise<AddedKey | null> {
  const before = `The key before it${ending === null ? '' : `, …${ending},`} worked`;
  const wanted =
    process.stdin.isTTY && process.stderr.isTTY
      ? await agreed(`  ${before}. Put that one back? [Y/n] `, process.stdin)
      : null;
  if (wanted === null) print(`  ${before}, and is replaced now.`);
  if (!wanted) return null;
  const back = await restore();
  print('  The one before is back.');
  return back;
}

/** Every key, where it is, and what counts for more. */
export async function listKeys({ engine }: Tools, json: boolean): Promise<number> {
  const views = await engine.keys.list();
  if (json) {
    printJson({ keys: views.map(documentOf) });
    return 0;
  }
  const stored = views.filter((view) => view.stored);
  if (stored.length === 0) print('No API keys yet.');
  for (const view of stored) showKey(view);
  // What is still to be taken out of a file is told, though there is no key any more.
  for (const view of views.filter(({ stored, places }) => !stored && places.length > 0)) {
    print(paint(process.stdout, 'bold', `${view.name} · removed`));
    for (const place of view.places) for (const line of stillThere(place)) print(`  ${line}`);
  }
  const others = views.filter((view) => !view.stored);
  if (others.length > 0) {
    print(`No key for ${others.map(({ name }) => name).join(', ')}.`);
    print(`  → Run \`authbar key add ${others[0]?.service}\`.`);
  }
  return 0;
}

/** Takes a key out of the tools and forgets it. */
export async function removeKey({ engine }: Tools, name: string, json: boolean): Promise<number> {
  const { view, removed } = await engine.keys.remove(name);
  if (json) {
    printJson({
      key: documentOf(view),
      removed: removed.map(({ target, path }) => ({ target, path })),
    });
    return gravestOf(owedIn(view));
  }
  print(`Removed the ${view.name} key.`);
  for (const place of removed) print(`  Taken out of ${placeOf(place)}.`);
  for (const place of view.places) for (const line of stillThere(place)) print(`  ${line}`);
  print(`  It still works elsewhere, until you delete it at ${view.name}.`);
  return gravestOf(owedIn(view));
}

function showKey(view: KeyView): void {
  const heading = view.ending === null ? view.name : `${view.name} · ends in …${view.ending}`;
  print(paint(process.stdout, 'bold', heading));
  print(`  ${howItIs(view)}`);
  showPlaces(view);
  print();
}

function showPlaces(view: KeyView): void {
  const lines = view.places.flatMap((place) => linesOfPlace(place, view));
  for (const line of [...lines, ...rivalLines(view)]) print(`  ${line}`);
}

function howItIs({ checked, name }: KeyView): string {
  if (!checked) return 'Not checked yet.';
  const { at, check } = checked;
  const when = agoInWords(at, Date.now());
  if (check.kind === 'validated') return `${name} accepted it ${when}.`;
  if (isRefused(check) && check.kind === 'status') {
    return `${name} didn’t accept it ${when} (status ${check.status}). Copy all of it and add it again.`;
  }
  return `It couldn’t be checked ${when}: ${statusWords('key', check).replace(/^stored \(key, |\)$/g, '')}.`;
}

/** What a tool uses before the key. */
function rivalLines({ used, name }: KeyView): string[] {
  if (used.source === 'environment') {
    return [`${used.variable} is set here: tools that are started from here use that first.`];
  }
  return used.source === 'login' ? [`Peekaboo uses your login before the ${name} key.`] : [];
}

function stillThere(place: KeyView['places'][number]): string[] {
  return [`Still in ${placeOf(place)}.`, ...whyOwed(place)];
}

function codeOf(check: KeyCheck): ErrorCode[] {
  const { code } = verdictOfKey(check);
  return code ? [code] : [];
}

function owedIn({ places }: KeyView): ErrorCode[] {
  return places.flatMap(({ state, code }) => (state === 'owed' ? [code ?? 'tool-busy'] : []));
}

function documentOf(view: KeyView): object {
  const { service, stored, ending, addedAt, checked, places, variables, used } = view;
  const line = places.find(({ target }) => target === 'peekaboo')?.entry;
  const source = stored ? `credentials ${line ?? service}` : null;
  return {
    service,
    stored,
    ending,
    addedAt,
    checkedAt: checked?.at ?? null,
    status: statusWords(source, checked?.check ?? null),
    places: places.map(({ target, path, entry, state, code }) => {
      return { target, path, entry, state, code };
    }),
    variables,
    used: used.source,
  };
}

/** It is not repeated: it would be in the terminal's scrollback as well. */
function givenAsArgument(): AppError {
  const hint =
    'A key is never part of the command: there it stays in your shell’s history, and other programs can see it. ' +
    'If that was one, make a new key at the service and delete the old one. ' +
    '`authbar key add openai` asks for it, or reads it from standard input. Nothing was saved.';
  return new AppError('wrong-use', { hint });
}
