// Part of Assay, copied by `assay generate typescript`. SPDX-License-Identifier: Apache-2.0
/** What generated operations name for a parameter or a body that needs more than most, so that an application carries only those that it uses. */

export { content, form, json, multipart } from "./bodies.js";
export { deepObject, styled } from "./styles.js";
