// The framework Express on Node, with one INCR per request.
import cluster from "node:cluster";
import express from "express";
import { createClient } from "@redis/client";

const serve = async () => {
  const redis = await createClient({ url: process.env.REDIS_URL }).connect();
  const app = express();
  app.get("/", async (request, response) => {
    response.send(`This page has been seen ${await redis.incr("page_views")} times.`);
  });
  // With port 0, all workers share a free port.
  const server = app.listen(0, "127.0.0.1", () =>
    console.log(`Serving on http://127.0.0.1:${server.address().port}`),
  );
};

if (cluster.isWorker) await serve();
else for (let n = 0; n < process.env.WEB_CONCURRENCY; n += 1) cluster.fork();
