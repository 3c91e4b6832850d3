// Puts a document to the public linters: `node lint.mjs openapi FILE` or `node lint.mjs asyncapi FILE`.
// Findings go to the standard output, one a line; the exit code is 1 if there are any, whatever their severity.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import spectralCore from "@stoplight/spectral-core";
import rulesets from "@stoplight/spectral-rulesets";

const spectralRules = {
  extends: [[rulesets.oas, "all"]],
  rules: {
    // The document is served by whoever runs the service: there is nobody to write to.
    "info-contact": "off",
    // The summary says it.
    "operation-description": "off",
  },
};

// What reads nothing of the request has nothing to refuse.
const redoclyRules = { extends: ["recommended"], rules: { "operation-4xx-response": "off" } };

// AsyncAPI 3.0 is what is agreed.
const asyncapiRules = { rules: { "asyncapi-latest-version": "off" } };

const linters = {
  async openapi(text) {
    const spectral = new spectralCore.Spectral();
    spectral.setRuleset(spectralRules);
    const found = await spectral.run(text);
    const config = await createConfig(redoclyRules);
    const problems = await lintFromString({ source: text, absoluteRef: "/openapi.json", config });
    return [
      ...found.map((f) => `spectral ${f.code} at ${f.path.join("/")}: ${f.message}`),
      ...problems.map((p) => `redocly ${p.ruleId} at ${p.location[0]?.pointer}: ${p.message}`),
    ];
  },

  async asyncapi(text) {
    const { document, diagnostics } = await new Parser({ ruleset: asyncapiRules }).parse(text);
    const findings = diagnostics.map((d) => `asyncapi ${d.code} at ${d.path.join("/")}: ${d.message}`);
    return document ? findings : [...findings, "asyncapi: the parser gives no document"];
  },
};

const [kind, file] = process.argv.slice(2);
const findings = await linters[kind](await readFile(file, "utf8"));
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
