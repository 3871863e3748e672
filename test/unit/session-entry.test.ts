import { describe, expect, test } from 'vitest';
import { isStartedBySession, sessionEntry } from '../../src/main/session-entry.ts';

function execOf(...command: string[]): string | undefined {
  return /^Exec=(.*)$/m.exec(sessionEntry(command))?.[1];
}

describe('the entry with which a session starts the app', () => {
  test('names the whole command', () => {
    expect(execOf('/opt/Authbar/authbar-app', '--autostart')).toBe(
      '"/opt/Authbar/authbar-app" "--autostart"',
    );
  });

  test('quotes what a path may hold', () => {
    expect(execOf('/home/anna/My Apps/a$b.AppImage')).toBe('"/home/anna/My Apps/a\\\\$b.AppImage"');
    expect(execOf('/home/100%/a')).toBe('"/home/100%%/a"');
    expect(execOf('/home/a\nHidden=true')).toBe('"/home/a\\nHidden=true"');
  });

  test('counts as on', () => {
    expect(isStartedBySession(sessionEntry(['/opt/a']))).toBe(true);
  });

  test('counts as off where the session’s own settings say so', () => {
    const entry = sessionEntry(['/opt/a']);
    expect(isStartedBySession(`${entry}Hidden=true\n`)).toBe(false);
    expect(isStartedBySession(`${entry}X-GNOME-Autostart-enabled = false\n`)).toBe(false);
  });
});
