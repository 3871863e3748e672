/**
 * The file with which a Linux session starts the app.
 * @see https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html
 */
export function sessionEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Authbar',
    `Exec=${command.map(quoted).join(' ')}`,
    'Terminal=false',
    'NoDisplay=true',
    '',
  ].join('\n');
}

/** Whether the session obeys the file: its own settings switch an entry off without deleting it. */
export function isStartedBySession(entry: string): boolean {
  return !/^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/im.test(entry);
}

/** Quoted for the command line that it is, then escaped as a value of the file; `%` would begin a field code. */
function quoted(word: string): string {
  const inQuotes = word.replaceAll('%', '%%').replace(/["`$\\]/g, '\\$&');
  return `"${inQuotes}"`.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
