<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
{% macro option(name, value) %}<Option type="QString" name="{{ name }}" value="{{ value }}"/>{% endmacro %}
<qgis version="3.28.0" styleCategories="Symbology{{ '|Labeling' if style.label }}"{% if style.label %} labelsEnabled="1"{% endif %}>
  <renderer-v2 type="{{ style.renderer }}"{% if style.column %} attr="{{ style.column }}"{% endif %}{% if style.renderer == "graduatedSymbol" %} graduatedMethod="GraduatedColor"{% endif %} symbollevels="0" enableorderby="0" forceraster="0">
    {% if style.renderer == "graduatedSymbol" %}
    <ranges>
      {% for symbol in style.symbols %}
      <range symbol="{{ loop.index0 }}" lower="{{ symbol.low }}" upper="{{ symbol.high }}" label="{{ symbol.label }}" render="true"/>
      {% endfor %}
    </ranges>
    {% elif style.renderer == "categorizedSymbol" %}
    <categories>
      {% for symbol in style.symbols %}
      <category symbol="{{ loop.index0 }}" type="{{ 'string' if symbol.value else 'double' }}" value="{{ symbol.value or '%g' | format(symbol.low) }}" label="{{ symbol.label }}" render="true"/>
      {% endfor %}
    </categories>
    {% endif %}
    <symbols>
      {% for symbol in style.symbols %}
      <symbol name="{{ loop.index0 }}" type="{{ style.kind }}" alpha="1" clip_to_extent="1" force_rhr="0">
        {% if style.kind == "line" %}
        <layer class="SimpleLine" enabled="1" pass="0" locked="0"><Option type="Map">
          {{ option("line_color", symbol.rgba) }}{{ option("line_style", "solid") }}{{ option("line_width", symbol.width) }}{{ option("line_width_unit", "MM") }}{{ option("capstyle", "round") }}{{ option("joinstyle", "round") }}
        </Option></layer>
        {% elif style.kind == "fill" %}
        <layer class="SimpleFill" enabled="1" pass="0" locked="0"><Option type="Map">
          {{ option("color", symbol.rgba) }}{{ option("style", "solid") }}{{ option("outline_color", style.outline) }}{{ option("outline_style", "solid") }}{{ option("outline_width", symbol.width) }}{{ option("outline_width_unit", "MM") }}
        </Option></layer>
        {% else %}
        <layer class="SimpleMarker" enabled="1" pass="0" locked="0"><Option type="Map">
          {{ option("name", "circle") }}{{ option("color", symbol.rgba) }}{{ option("outline_color", style.outline) }}{{ option("outline_style", "solid") }}{{ option("outline_width", "0.5") }}{{ option("outline_width_unit", "MM") }}{{ option("size", symbol.width) }}{{ option("size_unit", "MM") }}
        </Option></layer>
        {% endif %}
      </symbol>
      {% endfor %}
    </symbols>
  </renderer-v2>
  {% if style.label %}
  <labeling type="simple"><settings calloutType="simple">
    <text-style fieldName="{{ style.label }}" isExpression="0" fontSize="9" fontSizeUnit="Point" textColor="255,255,255,255" namedStyle="Bold" fontWeight="75">
      <background shapeDraw="1" shapeType="3" shapeSizeType="0" shapeSizeX="1.2" shapeSizeY="1.2" shapeSizeUnit="MM" shapeFillColor="{{ style.outline }}" shapeBorderColor="255,255,255,255" shapeBorderWidth="0.4" shapeBorderWidthUnit="MM"/>
    </text-style>
    <placement placement="1" centroidWhole="1" centroidInside="1" priority="5"/>
    <rendering drawLabels="1" obstacle="0"/>
  </settings></labeling>
  {% endif %}
</qgis>
