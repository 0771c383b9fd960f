import { median, table, type Row } from './figures.ts'
import { costTitle } from './loads.ts'
import { perIdle, perIdleTls } from './weigh.ts'

/** What the native transport is to cost at most, as a ratio to the better of others in the same run. */
interface Goal {
  readonly work: string
  /** The title of the figure, and of the one that the others are measured by where that is not the same. */
  readonly figure: string
  readonly others?: string
  readonly peers?: readonly string[]
  readonly most: number
}

const everyPeer = ['nginx', 'haproxy', 'haproxy-splice']

const bare = costTitle('new connection')
const guarded = costTitle('new connection', 'guarded')

const goals: readonly Goal[] = [
  { work: 'new connection, no plugins', figure: bare, most: 1 },
  { work: 'new connection, three plugins each', figure: guarded, most: 1 },
  {
    work: 'new connection, our three plugins, theirs bare',
    figure: guarded,
    others: bare,
    most: 1.25,
  },
  { work: 'small request on a kept connection', figure: costTitle('small request'), most: 1 },
  { work: 'bulk gigabyte, one stream', figure: costTitle('gigabyte, one stream'), most: 0.6 },
  { work: 'bulk gigabyte, eight streams', figure: costTitle('gigabyte, eight streams'), most: 0.6 },
  {
    work: 'SNI passthrough, new connection',
    figure: costTitle('new connection passed by SNI'),
    most: 1,
  },
  { work: 'TLS handshake', figure: costTitle('TLS handshake'), most: 1.05 },
  { work: 'small request over TLS', figure: costTitle('small request over TLS'), most: 1.05 },
  { work: 'bulk over TLS', figure: costTitle('gigabyte over TLS'), most: 1.05 },
  { work: 'memory per idle connection', figure: perIdle.title, most: 1 },
  {
    work: 'memory per idle TLS connection (against nginx)',
    figure: perIdleTls.title,
    peers: ['nginx'],
    most: 1,
  },
]

/** An idle plain connection is to cost less than this, whatever it costs others. */
const mostKibPerIdle = 2

/** How the native transport stands to the better of the others; empty where something was not measured. */
export function goalsTable(rows: readonly Row[]): string {
  const medianOf = (title: string, proxy: string): number => {
    const row = rows.find(({ figure }) => figure.title === title)
    return median(row?.samples.get(proxy) ?? [])
  }
  const lines = goals.map(({ work, figure, others = figure, peers = everyPeer, most }) => {
    const theirs = peers.map((peer) => medianOf(others, peer)).filter((one) => !Number.isNaN(one))
    const better = theirs.length > 0 ? Math.min(...theirs) : Number.NaN
    const ratio = medianOf(figure, 'native') / better
    return [work, `≤ ${most}`, told(ratio), verdict(ratio, most)]
  })
  const kib = medianOf(perIdle.title, 'native')
  lines.push([
    'memory per idle connection, in KiB',
    `≤ ${mostKibPerIdle}`,
    told(kib),
    verdict(kib, mostKibPerIdle),
  ])
  return table([['ratio to the better of nginx and HAProxy', 'goal', 'measured', ''], ...lines])
}

function told(measured: number): string {
  return Number.isNaN(measured) ? '–' : measured.toFixed(2)
}

function verdict(measured: number, most: number): string {
  if (Number.isNaN(measured)) return 'not measured'
  return measured <= most ? 'met' : `missed by ${Math.round((measured / most - 1) * 100)} %`
}
