// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** Media types. */

/** Whether a media type is JSON. */
export function isJson(media: string): boolean {
  const kind = essence(media);
  return kind === "application/json" || kind === "text/json" || kind.endsWith("+json");
}

/** A media type without its parameters. */
export function essence(media: string): string {
  return (media.split(";")[0] ?? "").trim().toLowerCase();
}
