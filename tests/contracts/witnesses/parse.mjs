// Reads AsyncAPI documents with the parser of the AsyncAPI initiative; prints each diagnostic as one JSON line.
import { Parser, fromFile } from "@asyncapi/parser";

// Findings that are let be, with the reason of each.
const waived = new Set([
  "asyncapi-latest-version", // written in 3.0, which the tools that people generate from read
  "asyncapi-3-tags", // a document has one or two channels: there is nothing to group
  "asyncapi-info-contact", // published by whoever runs it; the documents name no person
  "asyncapi-3-operation-description", // the title says all there is to say
]);

const parser = new Parser();
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await fromFile(parser, file).parse();
  for (const each of diagnostics.filter((each) => !waived.has(each.code))) {
    const path = each.path.map((part) => `/${part}`).join("");
    console.log(JSON.stringify({ file, code: String(each.code), message: each.message, path }));
  }
  if (!document) console.log(JSON.stringify({ file, code: "no-document", message: "the parser read no document", path: "" }));
}
