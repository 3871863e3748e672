import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BLUR_DELAY,
  type Hold,
  step,
  UNSEEN,
  type Visibility,
  type VisibilityAct,
  type VisibilityEvent,
} from '../../src/shared/ui/visibility.ts';

/** A window, and what was done with it. Its time is moved by hand. */
class Machine {
  now: Visibility = UNSEEN;
  at = 1_000_000;
  readonly acts: NonNullable<VisibilityAct>['do'][] = [];

  tell(event: VisibilityEvent): VisibilityAct {
    const { next, act } = step(this.now, event, this.at);
    this.now = next;
    if (act) this.acts.push(act.do);
    return act;
  }

  hold(by: Hold, held: boolean): VisibilityAct {
    return this.tell({ kind: 'hold', by, held });
  }

  /** The focus goes elsewhere, and stays there. */
  leave(): void {
    this.tell({ kind: 'blur' });
    this.wait(BLUR_DELAY);
    this.tell({ kind: 'blur-over' });
  }

  wait(ms: number): void {
    this.at += ms;
  }
}

function drawn(): Machine {
  const machine = new Machine();
  machine.tell({ kind: 'drawn' });
  return machine;
}

function open(): Machine {
  const machine = drawn();
  machine.tell({ kind: 'icon' });
  return machine;
}

describe('the icon', () => {
  test('shows it, and hides it when it is in front', () => {
    const machine = drawn();
    expect(machine.tell({ kind: 'icon' })).toEqual({ do: 'show', fresh: true });
    machine.tell({ kind: 'icon' });
    machine.tell({ kind: 'icon' });
    expect(machine.acts).toEqual(['show', 'hide', 'show']);
  });

  test('hides it although the press has already taken its focus', () => {
    const machine = open();
    machine.tell({ kind: 'blur' });
    machine.wait(50);
    expect(machine.tell({ kind: 'icon' })).toEqual({ do: 'hide' });
  });

  test('does not bring back what a slow press has hidden', () => {
    const machine = open();
    machine.leave();
    machine.wait(50);
    expect(machine.tell({ kind: 'icon' })).toBeNull();
    machine.wait(500);
    expect(machine.tell({ kind: 'icon' })).toMatchObject({ do: 'show' });
  });

  test('shows it again right after Escape', () => {
    const machine = open();
    machine.tell({ kind: 'dismiss' });
    machine.tell({ kind: 'blur' });
    expect(machine.tell({ kind: 'icon' })).toMatchObject({ do: 'show' });
  });

  test('brings it forward while a sign-in runs; a second click hides it', () => {
    const machine = open();
    machine.hold('sign-in', true);
    machine.leave();
    machine.wait(5000);
    machine.tell({ kind: 'icon' });
    machine.tell({ kind: 'focus' });
    machine.tell({ kind: 'icon' });
    expect(machine.acts).toEqual(['show', 'raise', 'hide']);
  });
});

describe('the focus', () => {
  test('hides it when it is elsewhere for 100 ms', () => {
    const machine = open();
    machine.leave();
    expect(machine.acts).toEqual(['show', 'wait', 'hide']);
  });

  test('leaves it when it comes back before', () => {
    const machine = open();
    machine.tell({ kind: 'blur' });
    machine.tell({ kind: 'focus' });
    machine.tell({ kind: 'blur-over' });
    expect(machine.now.shown).toBe(true);
  });

  test.each<Hold>(['sign-in', 'question', 'menu', 'system'])(
    'leaves it while there is a %s',
    (by) => {
      const machine = open();
      machine.hold(by, true);
      machine.leave();
      expect(machine.now.shown).toBe(true);
    },
  );

  test('hides it once the menu is closed and the focus is still elsewhere', () => {
    const machine = open();
    machine.hold('menu', true);
    machine.leave();
    machine.hold('menu', false);
    machine.tell({ kind: 'blur-over' });
    expect(machine.acts).toEqual(['show', 'wait', 'hide']);
  });

  test('stays elsewhere when a sign-in ends: the window neither comes nor goes', () => {
    const machine = open();
    machine.hold('sign-in', true);
    machine.leave();
    expect(machine.hold('sign-in', false)).toBeNull();
    expect(machine.now).toMatchObject({ shown: true, focused: false });
  });
});

describe('being wanted', () => {
  test('shows it, or brings it forward', () => {
    const machine = drawn();
    machine.tell({ kind: 'summon' });
    machine.tell({ kind: 'summon' });
    expect(machine.acts).toEqual(['show', 'raise']);
  });

  test('waits until it has drawn its content', () => {
    const machine = new Machine();
    expect(machine.tell({ kind: 'summon' })).toBeNull();
    expect(machine.tell({ kind: 'drawn' })).toMatchObject({ do: 'show' });
    expect(machine.tell({ kind: 'drawn' })).toBeNull();
  });

  test('comes back by itself when its page was lost', () => {
    const machine = open();
    machine.tell({ kind: 'lost' });
    machine.tell({ kind: 'drawn' });
    expect(machine.acts).toEqual(['show', 'hide', 'show']);
  });
});

test('drawing alone shows nothing', () => {
  expect(drawn().acts).toEqual([]);
});

test('within a minute it opens where it was, later at its beginning', () => {
  const machine = open();
  machine.tell({ kind: 'dismiss' });
  machine.wait(60_000);
  expect(machine.tell({ kind: 'icon' })).toEqual({ do: 'show', fresh: false });
  machine.tell({ kind: 'dismiss' });
  machine.wait(60_001);
  expect(machine.tell({ kind: 'icon' })).toEqual({ do: 'show', fresh: true });
});

test('whatever happens, it is shown only when drawn, and shown and hidden in turn', () => {
  const event = fc.oneof(
    fc.constantFrom<VisibilityEvent>(
      { kind: 'icon' },
      { kind: 'summon' },
      { kind: 'dismiss' },
      { kind: 'focus' },
      { kind: 'blur' },
      { kind: 'blur-over' },
      { kind: 'drawn' },
      { kind: 'lost' },
    ),
    fc.record({
      kind: fc.constant('hold' as const),
      by: fc.constantFrom<Hold>('sign-in', 'question', 'menu', 'system'),
      held: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(event, fc.nat(400)), { maxLength: 60 }), (events) => {
      const machine = new Machine();
      for (const [each, later] of events) {
        const before = machine.now;
        const act = machine.tell(each);
        if (act?.do === 'show') expect([before.shown, machine.now.drawn]).toEqual([false, true]);
        if (act?.do === 'hide' || act?.do === 'raise') expect(before.shown).toBe(true);
        if (machine.now.shown !== before.shown) expect(['show', 'hide']).toContain(act?.do);
        machine.wait(later);
      }
    }),
  );
});
