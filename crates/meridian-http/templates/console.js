// A criterion dragged: ways beyond a bound grow faint at once. Without this script the form asks the server the same.
const sliders = [...document.querySelectorAll("input[type=range][data-column]")];
const rows = [...document.querySelectorAll("tr[data-values]")];
const weigh = () => {
  for (const slider of sliders) document.getElementById(slider.name).value = slider.value;
  for (const row of rows) {
    const values = row.dataset.values.split(",").map(Number);
    const bears = sliders.every((slider) => slider.value === slider.max || values[slider.dataset.column] <= Number(slider.value));
    row.classList.toggle("faint", !bears);
    for (const dot of document.querySelectorAll(`.chart a[href="#${row.id}"] circle.dot:not(.hollow)`)) {
      dot.classList.toggle("faint", !bears);
      dot.nextElementSibling?.classList.toggle("faint", !bears);
    }
  }
};
for (const slider of sliders) slider.addEventListener("input", weigh);
