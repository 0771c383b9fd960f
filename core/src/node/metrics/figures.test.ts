import { defineMetric } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { logOf } from '../node.fixture.ts'
import { Figures, type Reporting } from './figures.ts'

const definition = defineMetric('counter', { name: 'a_total', help: 'h' })
const news = {
  phases: {},
  rejected: 1,
  wouldReject: 0,
  failed: 0,
  stalls: 0,
  longestStall: 0,
}

function workerOf(report = () => Promise.resolve()): Reporting {
  return { report }
}

function figuresWith(worker: Reporting): Figures {
  const figures = new Figures(logOf().log)
  figures.join(worker)
  figures.receive(worker, { type: 'metrics.declared', definition })
  const reports = [{ id: 'i', plugin: 'p', isDisabled: true, news }]
  figures.receive(worker, { type: 'plugins.behaved', reports })
  figures.receive(worker, { type: 'metrics.shown', group: 'upstream_health', isShown: true })
  return figures
}

test('what a worker tells is kept, also when it is gone', () => {
  const worker = workerOf()
  const figures = figuresWith(worker)
  const families = [{ name: 'a_total', series: [{ values: [], value: 2 }], dropped: 0 }]
  figures.receive(worker, { type: 'metrics.counted', families })
  expect(figures.tally.shown()).toMatchObject([{ name: 'a_total', values: [{ value: 2 }] }])
  expect(figures.costs.of('i', 'p')).toMatchObject({ rejected: 1, isDisabled: true })
  figures.receive(worker, { type: 'metrics.retired', name: 'a_total' })
  expect(figures.tally.shown()).toEqual([])
  figures.leave(worker)
  expect(figures.tally.isShown('upstream_health')).toBe(false)
  expect(figures.costs.of('i', 'p')).toMatchObject({ rejected: 1, isDisabled: false })
})

test('who is gone is not heard any more', () => {
  const worker = workerOf()
  const figures = figuresWith(worker)
  figures.leave(worker)
  figures.receive(worker, { type: 'metrics.declared', definition })
  expect(figures.tally.shown()).toEqual([])
})

test('the figures of a plugin go with its row', () => {
  const figures = figuresWith(workerOf())
  figures.follow({
    base: 1,
    revision: 2,
    changes: [
      { op: 'delete', entity: 'routes', id: 'i' },
      { op: 'delete', entity: 'plugins', id: 'j' },
    ],
  })
  expect(figures.costs.of('i', 'p').rejected).toBe(1)
  figures.follow({ base: 2, revision: 3, changes: [{ op: 'delete', entity: 'plugins', id: 'i' }] })
  expect(figures.costs.of('i', 'p').rejected).toBe(0)
})

test('all workers are asked for what they have not told; one that does not answer is not waited for', async () => {
  const asked: string[] = []
  const figures = figuresWith(workerOf(async () => void asked.push('one')))
  figures.join(workerOf(async () => void asked.push('two')))
  await figures.freshen()
  expect(asked).toEqual(['one', 'two'])
  figures.join(workerOf(() => new Promise(() => undefined)))
  await figures.freshen()
  expect(asked).toHaveLength(4)
})
