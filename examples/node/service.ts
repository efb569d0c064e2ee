// A billing service: exports are uploaded, a statement or an explanation is answered.

import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import multipart from '@fastify/multipart'
import { PecError, explain, statement, type GroupKey } from 'azure-pec'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

const MIB = 1024 * 1024
/** What strangers may send: so many files, so large as they come, and so large once they are unpacked. */
const UPLOAD = { files: 50, fileSize: 256 * MIB }
const UNPACKED = 1024 * MIB
/** An answer takes no longer than this, in milliseconds. */
const PATIENCE = 60_000

/** How the files of an upload are read. */
interface Reading { base: string, maxFileBytes: number, signal: AbortSignal }

export interface Limits { fileSize?: number, maxFileBytes?: number, patience?: number }

/** Puts the uploaded files into a folder of their own, answers, and leaves nothing behind. */
async function answered<T>(
  request: FastifyRequest, reply: FastifyReply, limits: Limits, answer: (reading: Reading) => Promise<T>,
): Promise<T> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(limits.patience ?? PATIENCE)])
  const base = await mkdtemp(join(tmpdir(), 'billing-'))
  try {
    for await (const part of request.files()) {
      // Of a stranger's name nothing but its last part is taken.
      await pipeline(part.file, createWriteStream(join(base, basename(part.filename) || 'export'), { flags: 'wx' }))
    }
    return await answer({ base, maxFileBytes: limits.maxFileBytes ?? UNPACKED, signal })
  } finally {
    await rm(base, { recursive: true, force: true })
  }
}

/** The status of what the calculator refuses: the question, the size, or the files. */
function status(error: PecError): number {
  switch (error.code) {
    case 'usage.arguments': return 400
    case 'cancelled': return 408
    case 'input.too_large': return 413
    default: return 422
  }
}

interface Days { by?: string, from?: string, to?: string }
type What = { resource: string, date: string } | { subscription: string }

export function service(limits: Limits = {}): FastifyInstance {
  const app = fastify()
  app.register(multipart, { limits: { ...UPLOAD, fileSize: limits.fileSize ?? UPLOAD.fileSize } })

  app.setErrorHandler((error: Error & { statusCode?: number, code?: string }, _request, reply) => {
    if (error instanceof PecError) {
      const { code, message, file, line, column, help, rejected } = error
      return reply.status(status(error)).send({ code, message, file, line, column, help, rejected })
    }
    const known = error.code === 'EEXIST' ? 400 : error.statusCode ?? 500
    return reply.status(known).send({ code: error.code ?? 'internal', message: error.message })
  })

  app.post<{ Querystring: Days }>('/statements', (request, reply) => {
    const { by, ...days } = request.query
    const keys = by?.split(',') as GroupKey[] | undefined
    return answered(request, reply, limits, (reading) =>
      statement(reading.base, { ...reading, ...days, ...keys && { by: keys } }))
  })

  app.post<{ Querystring: What }>('/explanations', (request, reply) =>
    answered(request, reply, limits, (reading) => explain(reading.base, request.query as { subscription: string }, reading)))

  return app
}
