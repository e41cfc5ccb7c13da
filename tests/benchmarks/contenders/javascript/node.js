// The HTTP server of Node, with one INCR per request.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { createClient } from "@redis/client";

const serve = async () => {
  const redis = await createClient({ url: process.env.REDIS_URL }).connect();
  const server = createServer(async (request, response) => {
    const text = `This page has been seen ${await redis.incr("page_views")} times.`;
    response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Length": text.length,
    });
    response.end(text);
  });
  // With port 0, all workers share a free port.
  server.listen(0, "127.0.0.1", () =>
    console.log(`Serving on http://127.0.0.1:${server.address().port}`),
  );
};

if (cluster.isWorker) await serve();
else for (let n = 0; n < process.env.WEB_CONCURRENCY; n += 1) cluster.fork();
