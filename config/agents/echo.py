import json, sys

for line in sys.stdin.buffer:
    request = json.loads(line)
    if "id" in request:
        answer = "You said: " + request["params"]["message"]["content"]
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer}), flush=True)
