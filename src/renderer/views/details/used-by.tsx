import type { AccountView } from '../../../shared/account-view.ts';
import { isServed } from '../../../shared/ui/situation.ts';
import type { Standing } from '../../../shared/ui/standing.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Group, Row } from '../../parts/list.tsx';
import { go } from '../../router.ts';
import { app } from '../../store.ts';
import { standingOf, type ToolWithLogin, wayTo } from '../../tools.ts';

/** The tools can use it, at least for now. */
const WORKING: readonly AccountView['state'][] = ['signed-in', 'late', 'locked'];

const { tool: T } = TEXTS.details;

/** What the section is drawn from. */
export interface UsedByProps {
  readonly account: AccountView;
  readonly service: string;
}

/** The tools that are here and could work with the login, and what each makes of it. */
export function UsedBy({ account, service }: UsedByProps) {
  const rows = toolsAround(account);
  const mayHaveTools = account.inUse && isServed(app(), account);
  return (
    <Group label={TEXTS.details.usedBy}>
      {rows.map((row) => (
        <ToolRow key={row.tool.id} row={row} account={account} service={service} />
      ))}
      {rows.length === 0 && (
        <Row name={mayHaveTools ? TEXTS.card.usedBy({ tools: [] }) : TEXTS.card.standbyTools} />
      )}
    </Group>
  );
}

interface ToolRowProps extends UsedByProps {
  readonly row: ToolWithLogin;
}

function ToolRow({ row, account, service }: ToolRowProps) {
  const { tool, entry } = row;
  const isOff = tool.mode === 'off' && !tool.needsConsent;
  const standing = isOff ? 'off' : standingOf(row);
  const way = isOff ? null : wayTo(standingOf(row), row);
  const has = standing === 'ready' || standing === 'restart';
  const isRefused = has && entry?.works === false;
  // A tool that has a login which does not work is not ready.
  const word = has && !WORKING.includes(account.state) ? undefined : wordFor(standing, row);
  return (
    <Row
      name={tool.name}
      id={`tool-${tool.id}`}
      detail={isRefused && T.refused({ tool: tool.name, service })}
      value={isRefused ? undefined : word}
      onPress={() => go(way ?? { view: 'tool', tool: tool.id })}
    />
  );
}

function wordFor(standing: Standing | 'off', { entry }: ToolWithLogin): string {
  return standing === 'soon' && entry?.code === 'tool-busy' ? T.busy : T[standing];
}

/** A tool may have been given another login of the same service by itself. */
function hasAnother({ entries }: ToolWithLogin['tool'], provider: string): boolean {
  return entries.some((entry) => entry.provider === provider);
}

function toolsAround({ id, provider, inUse }: AccountView): ToolWithLogin[] {
  return app()
    .tools.filter(({ installed, serves }) => installed && serves.includes(provider))
    .map((tool) => ({ tool, entry: tool.entries.find(({ account }) => account === id) }))
    .filter(({ tool, entry }) => entry ?? (inUse && !hasAnother(tool, provider)));
}
