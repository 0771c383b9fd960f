import { reads } from '../about.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'

/** `/metrics`: what is counted, for scrapers. Kong has it with a plugin; here the gateway has figures without one. */
export const metricsEndpoint: Endpoint = {
  path: '/metrics',
  handlers: { GET: showMetrics },
  about: reads(
    'What is counted, in the text format 0.0.4, or as OpenMetrics for who prefers that',
    {
      200: { type: 'string' },
    },
  ),
}

async function showMetrics({ deps, headers }: Call): Promise<Answer> {
  const { type, text } = await deps.metrics.word(prefersOpenMetrics(headers.accept ?? ''))
  return { status: 200, headers: { 'content-type': type }, body: text }
}

/** Whether OpenMetrics is named, and nothing plain is liked better (RFC 9110 section 12.5.1). */
export function prefersOpenMetrics(accept: string): boolean {
  const likings = accept.split(',').map(readLiking)
  const most = (type: string) =>
    Math.max(0, ...likings.filter((each) => each.type === type).map(({ quality }) => quality))
  const open = most('application/openmetrics-text')
  return open > 0 && open >= most('text/plain')
}

function readLiking(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const value = quality === undefined ? 1 : Number(quality.slice(2))
  return { type, quality: Number.isNaN(value) ? 0 : value }
}
