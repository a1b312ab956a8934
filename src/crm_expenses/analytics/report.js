(function () {
  var page = document.documentElement;
  var chinese = document.getElementById("lang-zh");
  function follow() {
    var chosen = chinese.checked ? "zh" : "en";
    page.lang = chosen === "zh" ? "zh-CN" : "en";
    document.title = page.getAttribute("data-title-" + chosen);
  }
  document.getElementById("lang-en").addEventListener("change", follow);
  chinese.addEventListener("change", follow);
  follow();
})();
