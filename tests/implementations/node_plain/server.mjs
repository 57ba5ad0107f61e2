// A shelf of books on node:http alone. Prints the port when it listens.
import { createServer } from "node:http";

const books = new Map();
let last = 0;
for (let number = 0; number < 25; number += 1) add({ title: `Volume ${number}` });

function add({ title, pages }) {
  last += 1;
  const book = { id: String(last), title, ...(pages === undefined ? {} : { pages }) };
  books.set(last, book);
  return book;
}

function reply(response, status, body, headers = {}) {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { ...(text ? { "Content-Type": "application/json" } : {}), ...headers });
  response.end(text);
}

const fail = (response, status, code, message, headers) => reply(response, status, { error: { code, message } }, headers);

function isBook(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  if (Object.keys(value).some((name) => name !== "title" && name !== "pages")) return false;
  const { title, pages } = value;
  const length = typeof title === "string" ? [...title].length : 0;
  return length >= 1 && length <= 60 && (pages === undefined || (Number.isInteger(pages) && pages >= 1 && pages <= 9999));
}

function page(response, query) {
  const limit = query.has("limit") ? query.get("limit") : "10";
  const after = query.has("after") ? query.get("after") : "0";
  if (!/^(0|[1-9]\d*)$/.test(limit) || Number(limit) < 1 || Number(limit) > 50) return fail(response, 400, "BAD_QUERY", "limit is 1 to 50");
  if (!/^\d{1,12}$/.test(after)) return fail(response, 400, "BAD_QUERY", "after is a cursor");
  const left = [...books.keys()].filter((number) => number > Number(after));
  const found = left.slice(0, Number(limit));
  return reply(response, 200, { books: found.map((number) => books.get(number)), next: left.length > found.length ? String(found.at(-1)) : null });
}

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.headers.authorization !== "Bearer a-card-for-tests") {
    return fail(response, 401, "NO_CARD", "show your card", { "WWW-Authenticate": "Bearer" });
  }
  const named = /^\/books\/([^/]+)$/.exec(url.pathname);
  if (url.pathname === "/books" && request.method === "GET") return page(response, url.searchParams);
  if (url.pathname === "/books" && request.method === "POST") {
    let value;
    try {
      value = JSON.parse(Buffer.concat(chunks).toString());
    } catch {
      value = null;
    }
    if (!/^application\/json/.test(request.headers["content-type"] ?? "") || !isBook(value)) return fail(response, 400, "BAD_BOOK", "that is no book");
    const book = add(value);
    return reply(response, 201, book, { Location: `/books/${book.id}` });
  }
  const number = named && /^\d{1,12}$/.test(decodeURIComponent(named[1])) ? Number(named[1]) : -1;
  if (!named || !books.has(number) || String(number) !== named[1]) return fail(response, 404, "NO_BOOK", "there is no such book");
  if (request.method === "GET") return reply(response, 200, books.get(number));
  if (request.method === "DELETE") {
    books.delete(number);
    return reply(response, 204);
  }
  return fail(response, 404, "NO_BOOK", "there is no such thing to do");
}

const server = createServer((request, response) => answer(request, response).catch(() => fail(response, 500, "BROKEN", "sorry")));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
