import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RawBody } from '../endpoint.ts'

/** Serves what takes a body of any type as it comes; everything else of the application holds there, too. */
export function serveRaw(app: FastifyInstance, serve: (scope: FastifyInstance) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer' },
      async (_request: FastifyRequest, bytes: Buffer) => bytes,
    )
    serve(scope)
  })
}

/** The body where nobody has read it. */
export function rawBodyOf({ body, headers }: FastifyRequest): RawBody | undefined {
  if (!(body instanceof Uint8Array)) return undefined
  return { type: headers['content-type'] ?? '', bytes: new Uint8Array(body) }
}
