export type SectionName = 'cost' | 'rate' | 'latency' | 'life'

export interface Figure {
  readonly section: SectionName
  readonly title: string
  readonly unit: string
  readonly digits: number
}
/** Every sample of one figure of one proxy; none where it could not be measured. */
export type Samples = ReadonlyMap<string, readonly number[]>

export interface Row {
  readonly figure: Figure
  readonly samples: Samples
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const pair = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return pair.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / 2
}

function cell(row: Row, proxy: string): string {
  const values = row.samples.get(proxy) ?? []
  return values.length === 0 ? '–' : median(values).toFixed(row.figure.digits)
}

function spread(row: Row, proxy: string): string {
  const values = row.samples.get(proxy) ?? []
  if (values.length === 0) return '–'
  const ends = [Math.min(...values), Math.max(...values)]
  return ends.map((value) => value.toFixed(row.figure.digits)).join(' to ')
}

function ratio(row: Row, proxy: string, base: string): string {
  const [own, other] = [row.samples.get(proxy) ?? [], row.samples.get(base) ?? []]
  if (own.length === 0 || other.length === 0) return '–'
  return `${(median(own) / median(other)).toFixed(2)}×`
}

/** A table in Markdown, its columns padded so that it reads well as plain text too. */
export function table(lines: readonly (readonly string[])[]): string {
  const [head = []] = lines
  const widths = head.map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  const padded = lines.map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)))
  const dashes = widths.map((width) => '-'.repeat(width))
  const [first = [], ...rest] = padded
  return [first, dashes, ...rest].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** The ways of a table: names and titles of the proxies of which something is known in its rows. */
export function columnsOf(
  rows: readonly Row[],
  titles: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const isKnown = (proxy: string): boolean =>
    rows.some(({ samples }) => (samples.get(proxy) ?? []).length > 0)
  return new Map([...titles].filter(([proxy]) => isKnown(proxy)))
}

/** Medians; beside them how the first proxy stands to some others. */
export function mediansTable(
  rows: readonly Row[],
  titles: ReadonlyMap<string, string>,
  others: readonly string[],
): string {
  const [own = ''] = titles.keys()
  const compared = others.filter((proxy) => proxy !== own && titles.has(proxy))
  const head = [
    'median',
    ...titles.values(),
    ...compared.map((proxy) => `${own} ÷ ${titles.get(proxy)}`),
  ]
  const lines = rows.map((row) => [
    label(row),
    ...[...titles.keys()].map((proxy) => cell(row, proxy)),
    ...compared.map((proxy) => ratio(row, own, proxy)),
  ])
  return table([head, ...lines])
}

export function spreadTable(rows: readonly Row[], titles: ReadonlyMap<string, string>): string {
  const lines = rows.map((row) => [
    label(row),
    ...[...titles.keys()].map((proxy) => spread(row, proxy)),
  ])
  return table([['least to most', ...titles.values()], ...lines])
}

function label({ figure }: Row): string {
  return `${figure.title}, ${figure.unit}`
}
