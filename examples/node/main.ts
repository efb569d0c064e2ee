import { service } from './service.js'

const app = service()
const address = await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' })
console.log(`listening on ${address}`)
