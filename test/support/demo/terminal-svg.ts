/** One stretch of a line in one look. */
interface Span {
  readonly column: number;
  readonly text: string;
  readonly looks: readonly string[];
}

/** What the story's colours are called in the picture, by their SGR code. */
const LOOKS: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
};
/** The SGR codes that end a look, and which. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  0: Object.values(LOOKS),
  22: ['bold', 'dim'],
  39: ['red', 'green', 'yellow', 'cyan'],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what terminals are told colours with.
const SGR = /\x1b\[(\d+)m/;

const COLUMNS = 80;
const CELL = { width: 8.4, height: 19 };
const PADDING = 24;
const BAR = 40;

const STYLE = `
text { font: 14px ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1c1c1f; white-space: pre }
.window { fill: #fbfbfd; stroke: #d5d5dc }
.bar { fill: #d5d5dc }
.bold { font-weight: 600 }
.dim, .title { fill: #6b6b74 }
.title { font-family: system-ui, sans-serif; font-size: 13px; text-anchor: middle }
.green { fill: #17702f }
.yellow { fill: #8a5200 }
.red { fill: #b3261e }
.cyan { fill: #0b57a4 }
@media (prefers-color-scheme: dark) {
  text { fill: #f2f2f5 }
  .window { fill: #1f1f22; stroke: #3c3c42 }
  .bar { fill: #4a4a52 }
  .dim, .title { fill: #9c9ca6 }
  .green { fill: #62d283 }
  .yellow { fill: #f0b64a }
  .red { fill: #ff8a80 }
  .cyan { fill: #7cb8ff }
}`;

/**
 * A terminal window with these lines, as they were painted, for light and dark. Every stretch of text is
 * put where its column is, so that nothing moves whatever font the reader has.
 */
export function drawTerminal(lines: readonly string[], label: string): string {
  const width = Math.ceil(COLUMNS * CELL.width) + 2 * PADDING;
  const height = BAR + lines.length * CELL.height + PADDING;
  const dots = [0, 1, 2].map((n) => `<circle class="bar" cx="${22 + n * 20}" cy="20" r="6"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${xml(label)}">
<style>${STYLE}
</style>
<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>
${dots.join('')}
<text class="title" x="${width / 2}" y="25">Authbar</text>
${lines.flatMap(drawLine).join('\n')}
</svg>
`;
}

function drawLine(line: string, row: number): string[] {
  const y = round(BAR + (row + 0.7) * CELL.height);
  return spansOf(line).map(({ column, text, looks }) => {
    const x = round(PADDING + column * CELL.width);
    const length = round([...text].length * CELL.width);
    const look = looks.length > 0 ? ` class="${looks.join(' ')}"` : '';
    return `<text${look} x="${x}" y="${y}" textLength="${length}">${xml(text)}</text>`;
  });
}

/** Cuts a line at its colours, and leaves the space around each stretch out. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let looks: readonly string[] = [];
  let column = 0;
  for (const [index, text] of line.split(SGR).entries()) {
    if (index % 2 === 1) {
      looks = changed(looks, text);
      continue;
    }
    const start = column + text.length - text.trimStart().length;
    if (text.trim() !== '') spans.push({ column: start, text: text.trim(), looks });
    column += [...text].length;
  }
  return spans;
}

function changed(looks: readonly string[], code: string): readonly string[] {
  const look = LOOKS[code];
  return look ? [...looks, look] : looks.filter((each) => !ENDS[code]?.includes(each));
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
