// The page of other centres: it reads the code of a card through the camera. Where the browser knows codes it finds them itself;
// else the program is shown what the camera sees. Without scripts, a camera or a safe connection the form for a photograph is there.

const scan = document.querySelector("[data-scan]");
if (scan && window.isSecureContext && navigator.mediaDevices?.getUserMedia) scanner(scan);

function scanner(box) {
  const [start, stop, view, says, video] = ["[data-scan-start]", "[data-scan-stop]", "[data-scan-view]", "[data-scan-says]", "video"].map((s) => box.querySelector(s));
  const canvas = document.createElement("canvas");
  let stream = null;
  box.hidden = false;

  const end = () => {
    if (!stream) return;
    for (const t of stream.getTracks()) t.stop();
    stream = video.srcObject = null;
    view.hidden = true;
    start.hidden = false;
    says.textContent = "";
  };

  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      video.srcObject = stream;
      view.hidden = false;
      await video.play();
    } catch {
      end();
      says.textContent = says.dataset.refused;
      return;
    } finally {
      start.disabled = false;
    }
    start.hidden = true;
    says.textContent = says.dataset.looking;
    stop.focus();
    look(stream, await ownReader());
  });
  stop.addEventListener("click", () => {
    end();
    start.focus();
  });
  box.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !stream) return;
    e.stopPropagation();
    stop.click();
  });
  window.addEventListener("pagehide", end);

  // look asks for the code in what the camera sees until there is one or the camera is off.
  async function look(mine, read) {
    while (stream === mine) {
      const text = await read(video).catch(() => "");
      if (text && stream === mine) {
        end();
        take(text);
        return;
      }
      await new Promise((again) => setTimeout(again, 250));
    }
  }

  // ownReader is the browser's, where it has one for these codes; else the program's.
  async function ownReader() {
    const formats = "BarcodeDetector" in window ? await BarcodeDetector.getSupportedFormats().catch(() => []) : [];
    if (!formats.includes("qr_code")) return askProgram;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (v) => (await detector.detect(v))[0]?.rawValue;
  }

  async function askProgram(v) {
    canvas.width = v.videoWidth;
    canvas.height = v.videoHeight;
    if (!canvas.width) return "";
    canvas.getContext("2d").drawImage(v, 0, 0);
    const seen = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const res = await fetch(box.dataset.scan, { method: "POST", body: seen, headers: { "Content-Type": "image/jpeg" } });
    return res.status === 200 ? res.text() : "";
  }
}

// take puts a card's text where it would be typed, and goes on as after typing.
function take(text) {
  const field = document.querySelector('#their-card textarea[name="card"]');
  field.value = text;
  field.form.requestSubmit();
}
