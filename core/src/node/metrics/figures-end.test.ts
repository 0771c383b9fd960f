import { expect, test } from 'vitest'
import { Conduct } from '../../plugins/conduct.ts'
import { pluginOf } from '../../pipeline/instances.fixture.ts'
import { FiguresEnd } from './figures-end.ts'
import type { ToSupervisor } from './messages.ts'

function endOf() {
  const said: ToSupervisor[] = []
  const end = new FiguresEnd((message) => void said.push(message))
  const behaving = (serial: number) => {
    const conduct: Conduct = new Conduct(() => end.behaved(it))
    const it = { serial, conduct, plugin: pluginOf('p', {}), self: { id: 'i' } }
    return conduct
  }
  const told = () => {
    end.flush()
    return said.splice(0)
  }
  return { end, said, told, behaving }
}

const options = { name: 'a_total', help: 'h' }

test('what is declared is told at once, what is counted when it is time', () => {
  const { end, said, told } = endOf()
  const life = new AbortController()
  const metrics = end.metrics(life.signal)
  const counter = metrics.counter(options)
  metrics.show('upstream_health')
  expect(said.splice(0)).toMatchObject([
    { type: 'metrics.declared', definition: { name: 'a_total' } },
    { type: 'metrics.shown', group: 'upstream_health', isShown: true },
  ])
  counter.inc()
  counter.inc()
  expect(said).toEqual([])
  const families = [{ name: 'a_total', series: [{ values: [], value: 2 }], dropped: 0 }]
  expect(told()).toEqual([{ type: 'metrics.counted', families }])
  expect(told()).toEqual([])
  counter.inc()
  life.abort()
  expect(said.map(({ type }) => type)).toEqual([
    'metrics.counted',
    'metrics.retired',
    'metrics.shown',
  ])
})

test('no plugin has a metric of the gateway', () => {
  const metrics = endOf().end.metrics(new AbortController().signal)
  expect(() => metrics.gauge({ name: 'kong_node_info', help: 'h' })).toThrow(
    "the gateway itself has a metric 'kong_node_info'",
  )
})

test('how an instance behaves is told when there is news of it, as a difference', () => {
  const { told, behaving } = endOf()
  const conduct = behaving(1)
  expect(told()).toEqual([])
  conduct.took('log', 0.05)
  conduct.took('log', 5)
  conduct.rejected += 1
  expect(told()).toMatchObject([
    {
      type: 'plugins.behaved',
      reports: [
        {
          id: 'i',
          plugin: 'p',
          isDisabled: false,
          news: { rejected: 1, phases: { log: { calls: 2, time: 5.05 } } },
        },
      ],
    },
  ])
  expect(told()).toEqual([])
  conduct.took('log', 1)
  expect(told()).toMatchObject([
    { reports: [{ news: { rejected: 0, phases: { log: { calls: 1, time: 1 } } } }] },
  ])
})

test('what happens while bytes flow is told without a phase', () => {
  const { told, behaving } = endOf()
  const conduct = behaving(1)
  for (const what of ['failed', 'wouldReject'] as const) {
    conduct[what] += 1
    conduct.touch()
    expect(told()).toMatchObject([{ reports: [{ news: { [what]: 1, phases: {} } }] }])
  }
})

test('who follows new terms without news is not told of', () => {
  const { told, behaving } = endOf()
  behaving(1).follow({ isShadow: false, onError: 'disable', timeout: undefined })
  expect(told()).toEqual([])
})

test('one that was replaced has no say in whether its successor is disabled', () => {
  const { told, behaving } = endOf()
  const terms = { isShadow: false, onError: 'disable', timeout: undefined } as const
  const before = behaving(1)
  before.isDisabled = true
  before.took('log', 1)
  expect(told()).toMatchObject([{ reports: [{ isDisabled: true }] }])
  behaving(2).follow(terms)
  expect(told()).toMatchObject([{ reports: [{ isDisabled: false, news: { phases: {} } }] }])
})
