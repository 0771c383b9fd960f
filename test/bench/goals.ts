import { median, table, type Row } from './figures.ts'

/** What the native transport is to cost at most, as a ratio to other proxies in the same run. */
interface Goal {
  readonly work: string
  /** The title of the figure, and of the one that the others are measured by where that is not the same. */
  readonly figure: string
  readonly others?: string
  readonly most: number
}

const bare = 'CPU per new connection'
const guarded = 'CPU per new connection, guarded'

const goals: readonly Goal[] = [
  { work: 'new connection, no plugins', figure: bare, most: 1 },
  { work: 'new connection, three plugins each', figure: guarded, most: 1 },
  {
    work: 'new connection, our three plugins, theirs bare',
    figure: guarded,
    others: bare,
    most: 1.25,
  },
  { work: 'small request on a kept connection', figure: 'CPU per small request', most: 1 },
  { work: 'bulk gigabyte', figure: 'CPU per gigabyte', most: 0.6 },
]

/** How the native transport stands to the better of nginx and HAProxy; empty where something was not measured. */
export function goalsTable(rows: readonly Row[]): string {
  const medianOf = (title: string, proxy: string): number => {
    const row = rows.find(({ figure }) => figure.title === title)
    return median(row?.samples.get(proxy) ?? [])
  }
  const lines = goals.map(({ work, figure, others = figure, most }) => {
    const ratio =
      medianOf(figure, 'native') / Math.min(medianOf(others, 'nginx'), medianOf(others, 'haproxy'))
    return [work, `≤ ${most}`, ratio.toFixed(2), verdict(ratio, most)]
  })
  return table([['ratio to the better of nginx and HAProxy', 'goal', 'measured', ''], ...lines])
}

function verdict(ratio: number, most: number): string {
  if (Number.isNaN(ratio)) return 'not measured'
  return ratio <= most ? 'met' : `missed by ${Math.round((ratio / most - 1) * 100)} %`
}
