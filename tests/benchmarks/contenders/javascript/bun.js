// Bun with its own HTTP server and its own client of Redis, and one INCR per request. The
// argument is the port, because each process of Bun would find another free one.
import { RedisClient, serve, spawn } from "bun";

const [port, isWorker] = process.argv.slice(2);

if (isWorker) {
  const redis = new RedisClient(process.env.REDIS_URL);
  await redis.connect();
  serve({
    port,
    hostname: "127.0.0.1",
    reusePort: true,
    fetch: async () =>
      new Response(`This page has been seen ${await redis.incr("page_views")} times.`, {
        headers: { "Content-Type": "text/html; charset=utf-8" },
      }),
  });
  console.log(`Serving on http://127.0.0.1:${port}`);
} else {
  for (let n = 0; n < process.env.WEB_CONCURRENCY; n += 1)
    spawn([process.execPath, import.meta.path, port, "worker"], {
      stdout: "inherit",
      stderr: "inherit",
    });
}
